#include "masque/masque_client.h"

#include <algorithm>
#include <utility>

#include "masque/connect_ip.h"

namespace oneping::masque {

namespace {

constexpr std::size_t kMaxRefusalText = 1024;

std::string refusal_text(const HttpResponse& response) {
  std::string text = "the edge refused the session (status " + std::to_string(response.status);
  std::string why = response.body;
  while (!why.empty() && why.back() == '\n') why.pop_back();
  std::ranges::replace_if(
      why, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return why.empty() ? text + ')' : text + "): " + why;
}

}  // namespace

Result<StreamId> MasqueClient::request(const HttpRequest& request) {
  const auto stream = http_.request(head_of(request), request.body.empty());
  if (!stream) return stream;
  unanswered_.insert(*stream);
  if (request.body.empty()) return stream;
  const auto* const body = reinterpret_cast<const std::uint8_t*>(request.body.data());
  http_.send(*stream, {body, request.body.size()}, true);
  return stream;
}

Result<void> MasqueClient::open_session(const SessionWish& wish, Time now) {
  if (session_) return fail("opening a session: there is one already");
  const auto& settings = http_.settings();
  if (!settings) return fail("opening a session: the edge has not said what it serves");
  if (!settings->connect_protocol || !settings->datagrams) {
    return fail("opening a session: this server has none (is it an edge's address?)");
  }
  const auto stream = http_.request(head_of(connect_ip_request(wish.authority)), false);
  if (!stream) return fail("opening a session", stream.error());
  session_.emplace(Session{
      *stream, std::make_unique<IpStream>(options_.capsules, static_cast<IpStreamEvents&>(*this))});
  deadline_ = now + options_.session_patience;

  std::vector<AddressEntry> asked;
  if (wish.ipv4) asked.push_back(no_address(1, IpFamily::v4));
  if (wish.ipv6) asked.push_back(no_address(2, IpFamily::v6));
  session_->assigned = asked.empty();
  if (asked.empty()) return {};
  std::vector<std::uint8_t> capsule;
  append_address_request(capsule, asked);
  http_.send(*stream, capsule, false);
  return {};
}

void MasqueClient::end_session() {
  if (!session_) return;
  const StreamId stream = session_->stream;
  const bool agreed = session_->agreed;
  drop_session();
  if (agreed) {
    http_.send(stream, {}, true);
  } else {
    http_.reset(stream, H3Error::request_cancelled);
  }
}

void MasqueClient::close(H3Error why, std::string_view reason) {
  if (session_) drop_session();
  http_.close(why, reason);
}

bool MasqueClient::wants_ipv6() const {
  return std::ranges::any_of(addresses_,
                             [](const Prefix& p) { return p.family() == IpFamily::v6; });
}

std::optional<std::string> MasqueClient::obstacle() const {
  if (!session_->agreed) return "the edge did not answer the request for a session";
  if (!session_->assigned) return "the edge assigned no addresses";
  const std::size_t size = max_packet_on_path(http_, session_->stream);
  if (wants_ipv6() && size < kIpv6MinMtu) {
    return "IPv6 needs packets of 1280 bytes, and the path to the edge carries " +
           std::to_string(size);
  }
  return std::nullopt;
}

void MasqueClient::review_session(Time now) {
  if (!session_) return;
  if (obstacle()) {
    if (deadline_ == kNever) deadline_ = now + options_.session_patience;
    return;
  }
  deadline_ = kNever;
  if (session_->open) return;
  session_->open = true;
  link_.open(http_, session_->stream);
  link_.promise(wants_ipv6() ? kIpv6MinMtu : 0);
  events_.on_session_open(now);
}

void MasqueClient::on_time(Time now) {
  if (now < deadline_) return;
  deadline_ = kNever;
  if (!session_) return;
  if (session_->refusal) return tell_refusal(now);
  if (const auto why = obstacle()) return fail_session(H3Error::request_cancelled, *why, now);
  review_session(now);
}

void MasqueClient::on_settings(const H3Settings&, Time now) { events_.on_ready(now); }

void MasqueClient::on_head(StreamId stream, HttpFields head, Time now) {
  HttpResponse response = response_of(std::move(head));
  if (is_session(stream)) return on_answer(std::move(response), now);
  responses_.begin(stream, std::move(response));
}

void MasqueClient::on_answer(HttpResponse response, Time now) {
  if (!opens_session(response)) {
    session_->refusal = std::move(response);
    return;
  }
  session_->agreed = true;
  review_session(now);
}

void MasqueClient::tell_refusal(Time now) {
  const HttpResponse refusal = *std::exchange(session_->refusal, std::nullopt);
  http_.reset(session_->stream, H3Error::request_cancelled);
  drop_session();
  events_.on_session_closed(refusal.status, refusal_text(refusal), now);
}

void MasqueClient::fail_session(H3Error code, const std::string& why, Time now) {
  http_.reset(session_->stream, code);
  drop_session();
  events_.on_session_closed(std::nullopt, why, now);
}

void MasqueClient::drop_session() {
  session_->incoming->drop();
  retired_ = std::move(session_->incoming);
  session_.reset();
  link_.close();
  addresses_.clear();
  routes_.clear();
  deadline_ = kNever;
}

void MasqueClient::on_data(StreamId stream, Bytes bytes, Time now) {
  if (!is_session(stream)) {
    if (responses_.add(stream, bytes)) return;
    http_.reset(stream, H3Error::excessive_load);
    unanswered_.erase(stream);
    return events_.on_response(stream, std::nullopt, now);
  }
  if (session_->refusal) {
    std::string& text = session_->refusal->body;
    const Bytes part = bytes.first(std::min(bytes.size(), kMaxRefusalText - text.size()));
    text.append(part.begin(), part.end());
    return;
  }
  const auto taken = session_->incoming->on_data(bytes, now);
  if (!taken && is_session(stream)) {
    fail_session(H3Error::message_error, "the edge's capsules: " + taken.error().message, now);
  }
}

void MasqueClient::on_end(StreamId stream, Time now) {
  if (is_session(stream)) {
    if (session_->refusal) return tell_refusal(now);
    if (!session_->incoming->may_end()) {
      return fail_session(H3Error::message_error, "the edge's stream ends within a capsule", now);
    }
    end_session();
    return events_.on_session_closed(std::nullopt, "the edge ended it", now);
  }
  if (auto response = responses_.take(stream)) {
    unanswered_.erase(stream);
    events_.on_response(stream, std::move(response), now);
  }
}

void MasqueClient::on_stream_closed(StreamId stream, Time now) {
  if (is_session(stream)) {
    if (session_->refusal) return tell_refusal(now);
    drop_session();
    return events_.on_session_closed(std::nullopt, "the edge broke it off", now);
  }
  std::ignore = responses_.take(stream);
  if (unanswered_.erase(stream) != 0) events_.on_response(stream, std::nullopt, now);
}

void MasqueClient::on_datagram(StreamId stream, Bytes payload, Time now) {
  if (!is_session(stream)) return on_lost_datagram(DropReason::unknown_datagram, now);
  session_->incoming->on_datagram(payload, now);
}

void MasqueClient::on_goaway(Time now) { events_.on_goaway(now); }

void MasqueClient::on_datagram_size_changed(Time now) {
  review_session(now);
  if (has_open_session()) events_.on_packet_size_changed(now);
}

void MasqueClient::on_path_changed(Time now) { events_.on_path_changed(now); }

void MasqueClient::on_closed(const quic::CloseInfo& info, Time now) {
  if (session_) {
    drop_session();
    events_.on_session_closed(std::nullopt, info.reason, now);
  }
  events_.on_closed(info, now);
}

// Each capsule is the full list (RFC 9484, 4.7.1).
void MasqueClient::on_address_assign(std::vector<AddressEntry> entries, Time now) {
  std::vector<Prefix> addresses;
  for (const AddressEntry& entry : entries) {
    if (!is_no_address(entry)) addresses.push_back(entry.prefix);
  }
  session_->assigned = true;
  if (addresses == addresses_) return review_session(now);
  addresses_ = std::move(addresses);
  const bool was_open = session_->open;
  if (was_open) link_.promise(wants_ipv6() ? kIpv6MinMtu : 0);
  review_session(now);
  if (was_open && has_open_session()) events_.on_session_changed(now);
}

// We have none to give; each request is declined (RFC 9484, 4.7.2).
void MasqueClient::on_address_request(std::vector<AddressEntry> entries, Time) {
  for (AddressEntry& entry : entries) entry = no_address(entry.request_id, entry.prefix.family());
  std::vector<std::uint8_t> capsule;
  append_address_assign(capsule, entries);
  http_.send(session_->stream, capsule, false);
}

void MasqueClient::on_route_advertisement(std::vector<IpRange> ranges, Time now) {
  if (ranges == routes_) return;
  routes_ = std::move(ranges);
  if (has_open_session()) events_.on_session_changed(now);
}

void MasqueClient::on_ip_packet(Bytes packet, Time now) {
  if (!has_open_session()) return on_lost_datagram(DropReason::link_down, now);
  events_.on_packet(packet, now);
}

void MasqueClient::on_lost_datagram(DropReason why, Time now) { events_.on_bad_datagram(why, now); }

}  // namespace oneping::masque
