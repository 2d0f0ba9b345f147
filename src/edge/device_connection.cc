#include "edge/device_connection.h"

#include <utility>

#include "base/log.h"
#include "edge/device_gate.h"
#include "edge/hops.h"
#include "masque/enrolment_key.h"

namespace oneping::edge {

namespace {

masque::HttpResponse json_response(int status, std::string body) {
  return {status, {{"content-type", "application/json"}}, std::move(body)};
}

// The answer of the registrar as that of the edge, whenever it comes.
template <typename Answer>
RegistrarDone<Answer> answer_to(Slots<std::unique_ptr<DeviceConnection>>& connections,
                                DeviceConnectionRef ref, masque::StreamId stream) {
  return [&connections, ref, stream](tl::expected<Answer, RegistrarRefusal> answer) {
    auto* connection = connections.find(ref);
    if (connection == nullptr) return;  // nobody waits any more
    (*connection)
        ->respond(stream, answer ? json_response(200, masque::to_json(*answer))
                                 : json_response(answer.error().status,
                                                 masque::error_json(answer.error().reason)));
  };
}

// What one person has at least: his address, or the IPv6 network that he can take any from.
IpAddress network_of(const IpAddress& address) {
  return Prefix(address, address.is_v4() ? 32 : 64).address();
}

std::string name_in_log(const Identity& identity) {
  return identity.user.empty() ? identity.device : identity.device + " of " + identity.user;
}

}  // namespace

DeviceConnection::DeviceConnection(quic::Connection& quic, DeviceGate& gate, Time now)
    : gate_(gate),
      server_(quic, masque::MasqueServerOptions{}, *this),
      peer_(quic.path().remote),
      idle_since_(now) {
  quic.set_keep_alive({});  // that is the device's business, for it knows when it sleeps
}

void DeviceConnection::on_request(masque::MasqueServer&, masque::StreamId stream,
                                  masque::HttpRequest request, Time now) {
  const std::string path = request.path.substr(0, request.path.find('?'));
  const bool is_question = path == masque::kHopsPath;
  if (!is_question && path != masque::kEnrolPath && path != masque::kRenewPath) {
    return refuse(stream, 404, "there is nothing at this path");
  }
  if (request.method != (is_question ? "GET" : "POST")) {
    return refuse(stream, 405, is_question ? "this is asked by GET" : "this is asked by POST");
  }
  if (path == masque::kEnrolPath) return on_enrol(stream, request.body, now);
  const auto who = identity();
  if (const auto refusal = refusal_of(who.get())) {
    return refuse(stream, refusal->status, refusal->reason);
  }
  idle_since_ = now;
  is_question ? on_hops(stream, request.path) : on_renew(stream, request.body);
}

void DeviceConnection::on_enrol(masque::StreamId stream, const std::string& body, Time now) {
  if (gate_.registrar_ == nullptr) return refuse(stream, 503, "this edge enrols no devices");
  auto request = masque::parse_enrol_request(body);
  if (!request) return refuse(stream, 400, request.error().message);
  if (const auto key = masque::parse_enrolment_key(request->key); !key) {
    return refuse(stream, 400, key.error().message);
  }
  if (!gate_.enrolments_.allow(network_of(peer_.address), now)) {
    return refuse(stream, 429, "too many devices enrol at this moment: try again soon");
  }
  gate_.registrar_->enrol(std::move(*request),
                          answer_to<masque::EnrolAnswer>(gate_.connections_, ref, stream));
}

void DeviceConnection::on_renew(masque::StreamId stream, const std::string& body) {
  if (gate_.registrar_ == nullptr) return refuse(stream, 503, "this edge signs no certificates");
  auto request = masque::parse_renew_request(body);
  if (!request) return refuse(stream, 400, request.error().message);
  gate_.registrar_->renew(identity()->id, std::move(*request),
                          answer_to<masque::RenewAnswer>(gate_.connections_, ref, stream));
}

void DeviceConnection::on_hops(masque::StreamId stream, const std::string& path) {
  const auto to = masque::parse_hops_path(path);
  if (!to) return refuse(stream, 400, "say which way: ?to=ADDRESS");
  const auto answer =
      hops_towards(*to, *identity(), gate_.snapshot(), gate_.tunnels_, gate_.config_);
  respond(stream, json_response(200, masque::to_json(answer)));
}

void DeviceConnection::refuse(masque::StreamId stream, int status, std::string_view reason) {
  respond(stream, json_response(status, masque::error_json(reason)));
}

void DeviceConnection::respond(masque::StreamId stream, const masque::HttpResponse& response) {
  server_.respond(stream, response);
}

std::shared_ptr<const Identity> DeviceConnection::identity() const {
  const quic::PeerCertificate* certificate = server_.connection().peer_certificate();
  if (certificate == nullptr) return nullptr;
  return gate_.snapshot().identities->find(certificate->key_pin);
}

std::optional<masque::SessionRefusal> DeviceConnection::refusal_of(const Identity* identity) {
  if (identity == nullptr) {
    return masque::SessionRefusal{
        401, "no device is known here by this certificate: enrol it with a key"};
  }
  if (identity->revoked) {
    return masque::SessionRefusal{403, "the device " + identity->device + " has been revoked"};
  }
  return std::nullopt;
}

tl::expected<masque::SessionGrant, masque::SessionRefusal> DeviceConnection::on_session_request(
    masque::MasqueServer&, const masque::HttpRequest&, Time now) {
  const auto who = identity();
  auto refusal = refusal_of(who.get());
  if (!refusal && !gate_.may_open_session(who->id)) {
    refusal = masque::SessionRefusal{429, "the device " + who->device + " has too many sessions"};
  }
  if (refusal) {
    ++gate_.sessions_refused_;
    if (gate_.strangers_logged_.take(now)) {
      log::warn("refused a device at {}: {}", peer_.to_string(), refusal->reason);
    }
    return tl::make_unexpected(std::move(*refusal));
  }
  return masque::SessionGrant{who->addresses, gate_.routes_of(who->network)};
}

void DeviceConnection::on_session_open(masque::MasqueServer&, Time now) {
  const auto who = identity();
  if (refusal_of(who.get())) return server_.end_session();  // since it was granted
  device_ = who->id;
  name_ = name_in_log(*who);
  opened_ = now;
  client_ = gate_.packets_.clients().add(server_.link(), device_);
  log::info("device {} is connected from {}", name_, peer_.to_string());
  gate_.on_session_open(device_);
  // There may have been news while the session waited for its path.
  server_.update_session({who->addresses, gate_.routes_of(who->network)}, now);
}

void DeviceConnection::on_packet(masque::MasqueServer&, Bytes packet, Time now) {
  if (!client_) return gate_.packets_.on_bad_client_datagram(DropReason::link_down);
  gate_.packets_.on_client_packet(packet, *client_, now);
}

void DeviceConnection::on_bad_datagram(masque::MasqueServer&, DropReason why, Time) {
  gate_.packets_.on_bad_client_datagram(why);
}

void DeviceConnection::on_session_closed(masque::MasqueServer&, const std::string& why, Time now) {
  if (client_) log::info("device {} has left: {}", name_, why);
  leave_session();
  idle_since_ = now;
}

void DeviceConnection::on_path_changed(masque::MasqueServer&, Time) {
  const SocketAddress before = std::exchange(peer_, server_.connection().path().remote);
  if (client_ && before != peer_) {
    log::info("device {} has moved from {} to {}", name_, before.to_string(), peer_.to_string());
  }
}

void DeviceConnection::on_closed(masque::MasqueServer&, const quic::CloseInfo& info, Time now) {
  if (opened_ == Time{} && gate_.strangers_logged_.take(now)) {
    log::debug("{} left without a session: {}", peer_.to_string(), info.reason);
  }
  gate_.retire(ref);
}

bool DeviceConnection::review(Time now) {
  if (!client_) return false;
  const auto who = identity();
  if (const auto refusal = refusal_of(who.get()); refusal || who->id != device_) {
    close(masque::H3Error::request_rejected,
          refusal ? refusal->reason : "the certificate is another device's now");
    return true;
  }
  server_.update_session({who->addresses, gate_.routes_of(who->network)}, now);
  return false;
}

void DeviceConnection::close(masque::H3Error why, std::string_view reason) {
  if (client_) log::info("device {} is sent away: {}", name_, reason);
  leave_session();
  server_.close(why, reason);
}

void DeviceConnection::leave_session() {
  if (!client_) return;
  gate_.packets_.clients().remove(*client_);
  client_.reset();
  gate_.on_session_closed(device_);
}

DeviceSessionStatus DeviceConnection::status(Time now) {
  const quic::Connection& quic = server_.connection();
  const quic::ConnectionStats stats = quic.stats();
  return {.device = device_,
          .peer = peer_,
          .age = now - opened_,
          .rtt = stats.smoothed_rtt,
          .datagrams_sent = quic.datagram_counters().forwarded(),
          .datagrams_lost = stats.datagrams_lost,
          .mtu = server_.link().max_packet_size()};
}

}  // namespace oneping::edge
