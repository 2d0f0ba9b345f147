#include "masque/masque_server.h"

#include <algorithm>
#include <utility>

#include "masque/connect_ip.h"

namespace oneping::masque {

namespace {

constexpr Duration kRoutesAgain = std::chrono::milliseconds(200);

bool has_ipv6(const std::vector<Prefix>& prefixes) {
  return std::ranges::any_of(prefixes, [](const Prefix& p) { return p.family() == IpFamily::v6; });
}

HttpResponse refusal(int status, const std::string& reason) {
  return {status, {{"content-type", "text/plain; charset=utf-8"}}, reason + "\n"};
}

// Does `granted` meet the request: any of its family, or that very one?
bool meets(const Prefix& granted, const AddressEntry& asked) {
  if (granted.family() != asked.prefix.family()) return false;
  return asked.prefix.address().is_unspecified() || granted == asked.prefix;
}

}  // namespace

MasqueServer::MasqueServer(quic::Connection& connection, const MasqueServerOptions& options,
                           MasqueServerEvents& events)
    : options_(options),
      events_(events),
      http_(Role::server, options_.http, *this),
      requests_(options.max_body) {
  http_.attach(connection);
}

void MasqueServer::respond(StreamId stream, const HttpResponse& response) {
  http_.respond(stream, head_of(response), response.body.empty());
  if (response.body.empty()) return;
  const auto* const body = reinterpret_cast<const std::uint8_t*>(response.body.data());
  http_.send(stream, {body, response.body.size()}, true);
}

void MasqueServer::on_head(StreamId stream, HttpFields head, Time now) {
  HttpRequest request = request_of(std::move(head));
  if (request.method == "CONNECT") return on_connect(stream, request, now);
  requests_.begin(stream, std::move(request));
}

void MasqueServer::on_connect(StreamId stream, const HttpRequest& request, Time now) {
  if (const auto problem = problem_of(request)) {
    return respond(stream, refusal(problem->status, problem->reason));
  }
  if (session_) {
    return respond(stream, refusal(409, "this connection has its session already"));
  }
  auto granted = events_.on_session_request(*this, request, now);
  if (!granted) return respond(stream, refusal(granted.error().status, granted.error().reason));
  if (!http_.is_ready()) return;  // closed meanwhile
  session_.emplace(
      Session{stream,
              std::make_unique<IpStream>(options_.capsules, static_cast<IpStreamEvents&>(*this)),
              false,
              {},
              0});
  grant_ = std::move(*granted);
  review_session(now);
}

std::optional<MasqueServer::Obstacle> MasqueServer::obstacle() const {
  const auto& settings = http_.settings();
  if (!settings) return Obstacle{true, 400, "the device's HTTP/3 settings have not come"};
  if (!settings->datagrams) return Obstacle{false, 400, "the device takes no HTTP datagrams"};
  const std::size_t size = max_packet_on_path(http_, session_->stream);
  if (has_ipv6(grant_.addresses) && size < kIpv6MinMtu) {
    return Obstacle{
        true, 503,
        "IPv6 needs packets of 1280 bytes, and the path carries " + std::to_string(size)};
  }
  return std::nullopt;
}

void MasqueServer::review_session(Time now) {
  if (!session_) return;
  if (const auto why = obstacle()) {
    if (!why->may_pass) return refuse_session(*why, now);
    if (deadline_ == kNever) deadline_ = now + options_.session_patience;
    return;
  }
  deadline_ = kNever;
  if (!session_->open) open_session(now);
}

void MasqueServer::open_session(Time now) {
  session_->open = true;
  const StreamId stream = session_->stream;
  link_.open(http_, stream);
  link_.promise(has_ipv6(grant_.addresses) ? kIpv6MinMtu : 0);
  http_.respond(stream, head_of(connect_ip_response()), false);
  // The routes first: with its addresses the device has everything.
  advertise_routes(now);
  assign_addresses();
  events_.on_session_open(*this, now);
}

void MasqueServer::on_time(Time now) {
  if (now >= routes_due_) advertise_routes(now);
  if (now < deadline_) return;
  deadline_ = kNever;
  if (!session_) return;
  const auto why = obstacle();
  if (!why) return review_session(now);
  if (session_->open) return break_session(H3Error::request_cancelled, why->reason, now);
  refuse_session(*why, now);
}

void MasqueServer::refuse_session(const Obstacle& why, Time now) {
  const StreamId stream = session_->stream;
  drop_session();
  respond(stream, refusal(why.status, why.reason));
  events_.on_session_closed(*this, why.reason, now);
}

void MasqueServer::update_session(SessionGrant grant, Time now) {
  if (!session_ || grant == grant_) return;
  const SessionGrant before = std::exchange(grant_, std::move(grant));
  if (!session_->open) return review_session(now);
  link_.promise(has_ipv6(grant_.addresses) ? kIpv6MinMtu : 0);
  if (grant_.routes != before.routes) advertise_routes(now);
  if (grant_.addresses != before.addresses) assign_addresses();
  review_session(now);
}

void MasqueServer::advertise_routes(Time now) {
  const bool is_behind = connection().unacknowledged(session_->stream) > options_.max_backlog;
  routes_due_ = is_behind ? now + kRoutesAgain : kNever;
  if (!is_behind) http_.send(session_->stream, grant_.routes.capsule(), false);
}

void MasqueServer::assign_addresses() {
  std::erase_if(assigned_, [&](const AddressEntry& entry) {
    return std::ranges::find(grant_.addresses, entry.prefix) == grant_.addresses.end();
  });
  for (const Prefix& prefix : grant_.addresses) {
    if (std::ranges::find(assigned_, prefix, &AddressEntry::prefix) == assigned_.end()) {
      assigned_.push_back({0, prefix});
    }
  }
  std::vector<AddressEntry> declined;
  for (const AddressEntry& asked : std::exchange(session_->asked, {})) {
    const auto free = std::ranges::find_if(assigned_, [&](const AddressEntry& entry) {
      return entry.request_id == 0 && meets(entry.prefix, asked);
    });
    if (free != assigned_.end()) {
      free->request_id = asked.request_id;
    } else {
      declined.push_back(no_address(asked.request_id, asked.prefix.family()));
    }
  }
  std::vector<AddressEntry> entries = assigned_;
  entries.insert(entries.end(), declined.begin(), declined.end());
  std::vector<std::uint8_t> capsule;
  append_address_assign(capsule, entries);
  http_.send(session_->stream, capsule, false);
}

void MasqueServer::end_session() {
  if (!session_) return;
  const StreamId stream = session_->stream;
  const bool was_open = session_->open;
  drop_session();
  if (was_open) {
    http_.send(stream, {}, true);
  } else {
    http_.reset(stream, H3Error::request_cancelled);
  }
}

void MasqueServer::close(H3Error why, std::string_view reason) {
  if (session_) drop_session();
  http_.close(why, reason);
}

void MasqueServer::break_session(H3Error code, const std::string& why, Time now) {
  http_.reset(session_->stream, code);
  drop_session();
  events_.on_session_closed(*this, why, now);
}

void MasqueServer::drop_session() {
  session_->incoming->drop();
  retired_ = std::move(session_->incoming);
  session_.reset();
  link_.close();
  grant_ = {};
  assigned_.clear();
  deadline_ = kNever;
  routes_due_ = kNever;
}

void MasqueServer::on_settings(const H3Settings&, Time now) { review_session(now); }

void MasqueServer::on_data(StreamId stream, Bytes bytes, Time now) {
  if (is_session(stream)) {
    const auto taken = session_->incoming->on_data(bytes, now);
    if (!taken && is_session(stream)) {
      break_session(H3Error::message_error, "the device's capsules: " + taken.error().message, now);
    }
  } else if (!requests_.add(stream, bytes)) {
    http_.reset(stream, H3Error::excessive_load);
  }
}

void MasqueServer::on_end(StreamId stream, Time now) {
  if (is_session(stream)) {
    if (!session_->incoming->may_end()) {
      return break_session(H3Error::message_error, "the device's stream ends within a capsule",
                           now);
    }
    end_session();
    return events_.on_session_closed(*this, "the device ended it", now);
  }
  if (auto request = requests_.take(stream)) {
    events_.on_request(*this, stream, std::move(*request), now);
  }
}

void MasqueServer::on_stream_closed(StreamId stream, Time now) {
  if (is_session(stream)) {
    drop_session();
    return events_.on_session_closed(*this, "the device broke it off", now);
  }
  std::ignore = requests_.take(stream);
}

void MasqueServer::on_datagram(StreamId stream, Bytes payload, Time now) {
  if (!is_session(stream)) return on_lost_datagram(DropReason::unknown_datagram, now);
  session_->incoming->on_datagram(payload, now);
}

void MasqueServer::on_address_request(std::vector<AddressEntry> entries, Time now) {
  auto& asked = session_->asked;
  asked.insert(asked.end(), entries.begin(), entries.end());
  session_->asked_in_all += entries.size();
  if (asked.size() > options_.max_address_requests ||
      session_->asked_in_all > options_.max_address_requests_ever) {
    break_session(H3Error::excessive_load, "the device asks for too many addresses", now);
  } else if (session_->open) {
    assign_addresses();
  }
}

void MasqueServer::on_ip_packet(Bytes packet, Time now) {
  if (!has_open_session()) return on_lost_datagram(DropReason::link_down, now);
  events_.on_packet(*this, packet, now);
}

void MasqueServer::on_lost_datagram(DropReason why, Time now) {
  events_.on_bad_datagram(*this, why, now);
}

void MasqueServer::on_datagram_size_changed(Time now) { review_session(now); }

void MasqueServer::on_path_changed(Time now) { events_.on_path_changed(*this, now); }

void MasqueServer::on_closed(const quic::CloseInfo& info, Time now) {
  if (session_) {
    drop_session();
    events_.on_session_closed(*this, info.reason, now);
  }
  events_.on_closed(*this, info, now);
}

}  // namespace oneping::masque
