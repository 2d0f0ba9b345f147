#include "device/connection_to_edge.h"

#include <utility>

namespace oneping::device {

ConnectionToEdge::ConnectionToEdge(const SessionOptions& options, const quic::Validity& ours,
                                   ConnectionToEdgeEvents& events)
    : options_(options),
      ours_(ours),
      events_(events),
      client_(options.masque, static_cast<masque::MasqueClientEvents&>(*this)) {}

ConnectionToEdge::~ConnectionToEdge() {
  if (dialled_) client_.close(masque::H3Error::no_error, "");
}

tl::expected<void, Problem> ConnectionToEdge::dial(Dialer& dialer, unsigned attempt, Time now) {
  const auto dialled = dialer.dial(attempt, client_.quic_events(), now);
  if (!dialled) return tl::make_unexpected(dialled.error());
  client_.attach(**dialled);
  dialled_ = true;
  return {};
}

void ConnectionToEdge::on_ready(Time now) {
  ready_ = true;
  const auto asked = client_.open_session(options_.wish, now);
  if (!asked) problem_ = {Trouble::no_session, asked.error().message};
}

void ConnectionToEdge::on_session_open(Time) {
  was_open_ = true;
  changed_ = true;
}

void ConnectionToEdge::on_session_changed(Time) { changed_ = true; }

void ConnectionToEdge::on_packet(Bytes packet, Time now) {
  if (!problem_) events_.on_packet(*this, packet, now);
}

void ConnectionToEdge::on_bad_datagram(DropReason why, Time now) {
  if (!problem_) events_.on_bad_datagram(*this, why, now);
}

void ConnectionToEdge::on_session_closed(std::optional<int> status, const std::string& why, Time) {
  if (problem_) return;
  answered_ = status.has_value();
  if (status && (*status == 401 || *status == 403)) {
    problem_ = {Trouble::refused, why};
  } else if (was_open_) {
    problem_ = {Trouble::closed, "the session is over: " + why};
  } else {
    problem_ = {Trouble::no_session, why};
  }
}

// A session ends with its connection, and then it is the connection's end that says why.
void ConnectionToEdge::on_closed(const quic::CloseInfo& info, Time now) {
  last_figures_ = figures();
  dialled_ = false;
  if (!answered_) problem_ = problem_of(info, ours_, options_.wall_clock());
  fail_requests(now);
}

void ConnectionToEdge::close(Problem problem, Time now) {
  if (!problem_) problem_ = std::move(problem);
  if (dialled_) {
    last_figures_ = figures();
    dialled_ = false;
    client_.close(masque::H3Error::no_error, "");
  }
  fail_requests(now);
}

ConnectionToEdge::Figures ConnectionToEdge::figures() {
  if (!dialled_) return last_figures_;
  const quic::ConnectionStats stats = quic().stats();
  return {quic().datagram_counters().forwarded(), stats.datagrams_lost, stats.smoothed_rtt};
}

void ConnectionToEdge::request(masque::HttpRequest request, OnResponse on_response, Time now) {
  request.authority = options_.wish.authority;
  if (!dialled_ || problem_) return on_response(std::nullopt, now);
  const auto stream = client_.request(request);
  if (!stream) return on_response(std::nullopt, now);
  requests_.emplace(*stream, std::move(on_response));
}

void ConnectionToEdge::on_response(masque::StreamId stream,
                                   std::optional<masque::HttpResponse> response, Time now) {
  auto waiting = requests_.extract(stream);
  if (waiting) waiting.mapped()(std::move(response), now);
}

void ConnectionToEdge::fail_requests(Time now) {
  for (auto& [stream, on_response] : std::exchange(requests_, {})) on_response(std::nullopt, now);
}

}  // namespace oneping::device
