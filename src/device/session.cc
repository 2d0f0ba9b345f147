#include "device/session.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace oneping::device {

namespace {

long long milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Session::Session(SessionOptions options, const quic::Validity& ours, Dialer& dialer,
                 SessionEvents& events, Random& random)
    : options_(std::move(options)),
      ours_(ours),
      dialer_(dialer),
      events_(events),
      random_(random) {}

Session::~Session() = default;

void Session::start(Time now) {
  enter(SessionState::connecting, now);
  dial_at_ = now;
  on_time(now);
}

void Session::stop(Time now) {
  const Problem why{Trouble::closed, "stopped"};
  for (auto* each : {&current_, &next_, &before_}) bury(std::move(*each), why, now);
  is_up_ = false;
  enter(SessionState::stopped, now);
  for (Time* each : {&dial_at_, &patience_end_, &before_end_, &move_at_}) *each = kNever;
  liveness_.end();
}

void Session::run(Time now) {
  gone_.clear();
  if (!is_running()) return;
  review_next(now);
  review_current(now);
  if (before_ && before_->problem()) bury(std::move(before_), {}, now);
}

void Session::on_time(Time now) {
  for (auto* each : {&current_, &next_, &before_}) {
    if (*each) (*each)->on_time(now);
  }
  if (now >= before_end_) {
    before_end_ = kNever;
    bury(std::move(before_), {Trouble::closed, "replaced"}, now);
  }
  if (now >= patience_end_) end_patience(now);
  if (now >= dial_at_) {
    dial_at_ = kNever;
    auto& place = is_up_ ? next_ : current_;
    if (!place) place = begin(now);
  }
  if (now >= move_at_) move(now);
  if (now >= liveness_.next_look()) look(now);
  size_.on_time(now);
}

Time Session::next_deadline() const {
  Time next = std::min({dial_at_, patience_end_, before_end_, move_at_, liveness_.next_look(),
                        size_.next_deadline()});
  for (const auto* each : {&current_, &next_, &before_}) {
    if (*each) next = std::min(next, (*each)->next_deadline());
  }
  return next;
}

std::unique_ptr<ConnectionToEdge> Session::begin(Time now) {
  auto connection = std::make_unique<ConnectionToEdge>(options_, ours_,
                                                       static_cast<ConnectionToEdgeEvents&>(*this));
  if (!is_up_) enter(SessionState::connecting, now);
  const auto dialled = connection->dial(dialer_, attempt_, now);
  if (!dialled) {
    tried_.reset();
    on_failure(dialled.error(), now);
    return nullptr;
  }
  tried_ = connection->quic().path();
  patience_end_ = now + pace_.patience(now);
  return connection;
}

// Of an attempt, whether there is a session in use or not.
void Session::on_failure(const Problem& problem, Time now) {
  patience_end_ = kNever;
  ++attempt_;
  if (is_up_) {
    log::debug("no other way to the edge: {}", problem.text);
    if (want_ == Want::other_way) dial_at_ = now + kRetry;
    if (want_ == Want::new_certificate) dial_at_ = now + DialPace::kLastingPause;
    return;
  }
  const Duration pause = pace_.pause_after(problem.trouble, now, random_);
  dial_at_ = now + pause;
  enter(SessionState::waiting, now);
  const bool is_known = last_problem_ && last_problem_->text == problem.text;
  if (!is_known) log::warn("no session: {}", problem.text);
  log::debug("trying again in {} ms", milliseconds(pause));
  last_problem_ = problem;
  last_problem_at_ = now;
  events_.on_attempt_failed(problem, now);
}

void Session::end_patience(Time now) {
  patience_end_ = kNever;
  auto& attempt = next_ ? next_ : current_;
  if (!attempt || attempt->is_ready()) return;
  attempt->close(problem_of({quic::CloseKind::handshake_timeout, 0, {}}, ours_, WallTime{}), now);
}

void Session::review_current(Time now) {
  if (!current_) return;
  if (current_->problem()) {
    if (is_up_) return on_lost(now);
    const Problem problem = *current_->problem();
    bury(std::move(current_), problem, now);
    return on_failure(problem, now);
  }
  if (!current_->is_open()) return;
  if (!is_up_) return on_up(now);
  if (current_->take_change() && take_terms()) events_.on_terms_changed(now);
  if (current_->is_leaving() && want_ == Want::nothing) want(Want::other_way, now);
  apply_keep_alive();
  tell_size(now);
}

void Session::on_up(Time now) {
  std::ignore = current_->take_change();
  is_up_ = true;
  ++sessions_;
  patience_end_ = kNever;
  pace_.on_up(now);
  enter(SessionState::open, now);
  const quic::Path path = current_->quic().path();
  log::info("session with the edge at {} from {}", path.remote.to_string(), path.local.to_string());
  std::ignore = take_terms();
  size_.hold(now);
  liveness_.begin(now);
  keep_alive_ = {};
  apply_keep_alive();
  events_.on_session_up(now);
  tell_size(now);
}

bool Session::take_terms() {
  if (addresses_ == current_->addresses() && routes_ == current_->routes()) return false;
  addresses_ = current_->addresses();
  routes_ = current_->routes();
  return true;
}

void Session::on_lost(Time now) {
  const Problem problem = *current_->problem();
  log::warn("session lost: {}", problem.text);
  is_up_ = false;
  liveness_.end();
  want_ = Want::nothing;
  move_at_ = dial_at_ = kNever;
  pace_.on_lost(current_->figures().round_trip, now);
  bury(std::move(current_), problem, now);
  last_problem_ = problem;
  last_problem_at_ = now;
  if (next_) {
    // An attempt is under way already.
    current_ = std::move(next_);
    enter(SessionState::connecting, now);
  } else {
    dial_at_ = now + pace_.pause_after(problem.trouble, now, random_);
    enter(SessionState::waiting, now);
  }
  events_.on_session_down(problem, now);
}

// A connection beside the one in use, which is up.
void Session::want(Want what, Time now) {
  want_ = what;
  if (next_) return;
  // Another of the edge's addresses, if this one is silent.
  if (what == Want::other_way) ++attempt_;
  dial_at_ = now;
}

void Session::review_next(Time now) {
  if (!next_) return;
  if (next_->problem()) {
    const Problem problem = *next_->problem();
    bury(std::move(next_), problem, now);
    return on_failure(problem, now);
  }
  if (next_->is_open()) take_over(now);
}

void Session::take_over(Time now) {
  log::info("the session goes on by another connection");
  if (before_) bury(std::move(before_), {Trouble::closed, "replaced"}, now);
  before_ = std::exchange(current_, std::move(next_));
  before_end_ = now + kLinger;
  want_ = Want::nothing;
  patience_end_ = dial_at_ = move_at_ = kNever;
  ++sessions_;
  pace_.on_up(now);
  size_.hold(now);
  liveness_.begin(now);
  keep_alive_ = {};
  std::ignore = current_->take_change();
  std::ignore = take_terms();
  events_.on_terms_changed(now);
}

void Session::look(Time now) {
  if (!is_up_ || current_->problem()) return liveness_.end();
  liveness_.look(current_->quic().stats(), current_->figures().sent, now);
  const auto since = liveness_.silent_since();
  if (!since) {
    if (want_ != Want::other_way || current_->is_leaving()) return;
    want_ = Want::nothing;
    dial_at_ = patience_end_ = kNever;
    if (next_) bury(std::move(next_), {Trouble::closed, "not needed"}, now);
    return;
  }
  if (now - *since >= kMaxSilence) {
    return current_->close(problem_of({quic::CloseKind::idle_timeout, 0, {}}, ours_, WallTime{}),
                           now);
  }
  if (want_ != Want::nothing) return;
  log::debug("the edge is silent");
  move(now);  // perhaps we missed that the network changed
  want(Want::other_way, now);
}

void Session::on_network_changed(Time now) {
  if (!is_running()) return;
  if (is_up_) return move(now);
  if (tried_ && dialer_.source_towards(tried_->remote.address) == tried_->local.address) return;
  // An attempt from an address that is no longer ours leads nowhere.
  bury(std::move(current_), {Trouble::no_route, "the network changed"}, now);
  patience_end_ = kNever;
  dial_at_ = now;
}

// Takes the connection along, if packets leave from another address than before.
void Session::move(Time now) {
  move_at_ = kNever;
  if (!is_up_ || current_->problem()) return;
  const quic::Path path = current_->quic().path();
  const auto source = dialer_.source_towards(path.remote.address);
  if (!source) return liveness_.doubt(current_->quic().stats(), now);  // another family may do
  if (*source == path.local.address) return;
  const SocketAddress local{*source, path.local.port};
  if (!current_->quic().migrate(local, now)) {
    move_at_ = now + kRetry;
    return;
  }
  log::info("the session moves to {}", local.to_string());
  size_.hold(now);
  liveness_.begin(now);
}

void Session::on_wake(Duration slept, Time now) {
  if (!is_running()) return;
  on_network_changed(now);
  if (!is_up_) {
    if (!current_) dial_at_ = now;
    return;
  }
  if (slept > Duration::zero() && !current_->problem()) {
    liveness_.doubt(current_->quic().stats(), now);
  }
}

void Session::on_new_certificate(const quic::Validity& ours, Time now) {
  ours_ = ours;
  if (is_up_) return want(Want::new_certificate, now);
  if (is_running() && !current_) dial_at_ = now;
}

std::optional<DropReason> Session::UpLink::send(Packet& packet, Time now) {
  if (!session_.is_up_) return DropReason::link_down;
  session_.liveness_.on_packet(now);
  const auto refusal = session_.current_->link().send(packet, now);
  const bool will_fit = refusal == DropReason::too_big && packet.size() <= max_packet_size();
  return will_fit ? DropReason::link_down : refusal;
}

std::size_t Session::UpLink::max_packet_size() const {
  if (!session_.is_up_) return 0;
  return session_.size_.size(session_.current_->link().max_packet_size());
}

void Session::on_packet(ConnectionToEdge& connection, Bytes packet, Time now) {
  if (!is_up_ || &connection == next_.get()) return;
  if (&connection == current_.get()) liveness_.on_packet(now);
  events_.on_packet(packet, now);
}

void Session::on_bad_datagram(ConnectionToEdge&, DropReason why, Time now) {
  events_.on_bad_datagram(why, now);
}

void Session::apply_keep_alive() {
  if (std::exchange(keep_alive_, liveness_.keep_alive()) == liveness_.keep_alive()) return;
  current_->quic().set_keep_alive(keep_alive_);
}

void Session::tell_size(Time now) {
  if (size_.take_change(current_->link().max_packet_size())) events_.on_packet_size_changed(now);
}

void Session::request(masque::HttpRequest request, ConnectionToEdge::OnResponse on_response,
                      Time now) {
  if (!is_up_) return on_response(std::nullopt, now);
  current_->request(std::move(request), std::move(on_response), now);
}

void Session::bury(std::unique_ptr<ConnectionToEdge> connection, Problem why, Time now) {
  if (!connection) return;
  connection->close(std::move(why), now);
  past_sent_ += connection->figures().sent;
  past_lost_ += connection->figures().lost;
  gone_.push_back(std::move(connection));
}

void Session::enter(SessionState state, Time now) {
  if (state == state_) return;
  state_ = state;
  state_since_ = now;
}

SessionStatus Session::status() {
  SessionStatus status{.state = state_,
                       .since = state_since_,
                       .sessions = sessions_,
                       .sent = past_sent_,
                       .lost = past_lost_,
                       .last_problem = last_problem_,
                       .last_problem_at = last_problem_at_};
  for (auto* each : {&current_, &next_, &before_}) {
    if (!*each) continue;
    status.sent += (*each)->figures().sent;
    status.lost += (*each)->figures().lost;
  }
  if (is_up_ && !current_->problem()) {
    status.path = current_->quic().path();
    status.round_trip = current_->quic().stats().smoothed_rtt;
    status.packet_size = link_.max_packet_size();
  }
  return status;
}

}  // namespace oneping::device
