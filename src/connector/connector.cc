#include "connector/connector.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace oneping::connector {

using namespace std::chrono_literals;

namespace {
// How often draining is looked at.
constexpr Duration kDrainTick = 20ms;
constexpr Duration kProbeLogInterval = 60s;

// What an edge hears that asked for a UDP session.
tunnel::UdpAnswer answer_to(std::optional<DropReason> refusal) {
  using enum tunnel::UdpResult;
  if (!refusal) return {};
  const std::string why(to_string(*refusal));
  if (*refusal == DropReason::link_down) return {unable_to_bind, why};
  if (*refusal == DropReason::flow_table_full) return {too_many_flows, why};
  return {error, why};
}
}  // namespace

Connector::Connector(ConnectorConfig config, Dialer& dialer, EchoBackend& backend,
                     UdpBackend& udp_backend, TcpBackend& tcp_backend, PacketPool& pool,
                     Random& random)
    : config_(std::move(config)),
      backend_(backend),
      tcp_(tcp_backend),
      pool_(pool),
      proxy_(config_.echo, backend, pool, *this, random),
      udp_(config_.udp, udp_backend, pool, static_cast<UdpProxyEvents&>(*this), random),
      tcp_filter_(config_.udp.allow_destinations),
      forwarder_(
          config_.forwarding, [this](const IpView& packet) { return hop_address(packet); }, pool,
          random),
      probes_(config_.probes,
              [this](const IpView& packet, DropReason reason, std::size_t mtu, std::uint8_t tag,
                     Time now) { on_undeliverable(packet, reason, mtu, tag, now); }) {
  for (std::uint8_t i = 0; i < config_.connections; ++i) {
    echo_links_.emplace_back(proxy_, i);
    udp_links_.emplace_back(udp_, i);
    uplinks_.push_back(std::make_unique<Uplink>(i, config_, dialer, pool,
                                                static_cast<UplinkEvents&>(*this), random));
  }
  for (std::uint8_t i = 0; i < config_.connections; ++i) {
    paced_echo_links_.emplace_back(probes_, echo_links_[i], i);
    paced_udp_links_.emplace_back(probes_, udp_links_[i], i);
  }
}

Connector::~Connector() = default;

void Connector::start(Time now) { uplinks_.front()->start(now); }

void Connector::run(Time now) {
  for (const auto& uplink : uplinks_) uplink->run(now);
}

void Connector::on_time(Time now) {
  for (const auto& uplink : uplinks_) uplink->on_time(now);
  probes_.on_time(now);
  log_refused_probes(now);
  proxy_.on_time(now);
  forwarder_.on_time(requests_, now);
  udp_.on_time(now);
  check_drained(now);
}

// Drained is when the edge has let go of every connection, every request has its answer, and every
// answer has left.
void Connector::check_drained(Time now) {
  if (!drain_since_ || drained_) return;
  next_drain_check_ = now + kDrainTick;
  const bool quiet = std::ranges::all_of(uplinks_, [](const auto& uplink) {
    const quic::Connection* quic = uplink->quic();
    return uplink->is_unregistered() && (quic == nullptr || quic->datagram_counters().held() == 0);
  });
  drained_ = (quiet && proxy_.outstanding() == 0 && probes_.waiting() == 0) ||
             now - *drain_since_ >= config_.grace_period;
  if (!drained_) return;
  for (const auto& uplink : uplinks_) uplink->stop("the connector is stopping");
}

// The operator hears of it, but not of each.
void Connector::log_refused_probes(Time now) {
  if (probes_.refused() == refused_probes_logged_ || now < next_probe_log_) return;
  log::warn("{} probes were refused: more than {} a second to routers of one distance",
            probes_.refused() - refused_probes_logged_, config_.probes.per_second);
  refused_probes_logged_ = probes_.refused();
  next_probe_log_ = now + kProbeLogInterval;
}

Time Connector::next_deadline() const {
  Time next = std::min({proxy_.next_deadline(), udp_.next_deadline(), probes_.next_deadline(),
                        Forwarder::next_deadline(requests_)});
  for (const auto& uplink : uplinks_) next = std::min(next, uplink->next_deadline());
  if (drain_since_ && !drained_) next = std::min(next, next_drain_check_);
  return next;
}

void Connector::on_tunnel_packet(Uplink& uplink, Bytes bytes, Time now) {
  auto packet = pool_.copy(bytes);
  if (!packet) return requests_.count_lost(DropReason::no_buffer);
  requests_.echo = &paced_echo_links_[uplink.index()];
  const bool takes_packets = config_.udp_carriage == tunnel::UdpCarriage::packets;
  requests_.udp = takes_packets ? &paced_udp_links_[uplink.index()] : nullptr;
  forwarder_.forward(std::move(*packet), requests_, &uplink.link(), now);
}

tl::expected<Link*, DropReason> Connector::RequestRouter::next_hop(const IpView& packet, Time) {
  if (packet.protocol() != kProtocolUdp) return echo;
  if (udp == nullptr) return tl::make_unexpected(DropReason::udp_unavailable);
  return udp;
}

void Connector::on_answer(Packet packet, std::uint8_t tag, Time now) {
  replies_.tag = tag;
  forwarder_.forward(std::move(packet), replies_, nullptr, now);
}

// This host is the hop that could not send it on, and says so as a router does.
bool Connector::on_undeliverable(const IpView& request, DropReason reason, std::size_t mtu,
                                 std::uint8_t tag, Time now) {
  Link* back = uplink_for(tag);
  return back != nullptr && forwarder_.answer(request, reason, mtu, *back, now);
}

tl::expected<Link*, DropReason> Connector::ReplyRouter::next_hop(const IpView&, Time) {
  if (Link* link = connector_.uplink_for(tag)) return link;
  return tl::make_unexpected(DropReason::no_connection);
}

Link* Connector::uplink_for(std::uint8_t tag) {
  for (std::size_t i = 0; i < uplinks_.size(); ++i) {
    Uplink& uplink = *uplinks_[(tag + i) % uplinks_.size()];
    if (uplink.is_up()) return &uplink.link();
  }
  return nullptr;
}

void Connector::on_udp_answer(Packet packet, std::uint8_t tag, Time now) {
  on_answer(std::move(packet), tag, now);
}

bool Connector::on_udp_undeliverable(const IpView& packet, DropReason reason, std::size_t mtu,
                                     std::uint8_t tag, Time now) {
  return on_undeliverable(packet, reason, mtu, tag, now);
}

// UDP sessions, for an edge that speaks of them.

tunnel::UdpAnswer Connector::on_udp_register(Uplink& uplink,
                                             const tunnel::UdpRegistration& registration,
                                             Time now) {
  const auto open = [&] {
    return udp_.open_session(registration.id, registration.destination, registration.idle,
                             uplink.index(), now);
  };
  if (config_.udp_carriage == tunnel::UdpCarriage::off) {
    return answer_to(DropReason::udp_unavailable);
  }
  auto refusal = open();
  // A call may give a known id to another destination: then that is another session. A datagram
  // that does may be anything but what its sender meant.
  const bool is_call = uplink.link().version() == tunnel::DatagramVersion::v2;
  if (refusal == DropReason::reply_mismatch && is_call) {
    udp_.close_session(registration.id);
    refusal = open();
  }
  return answer_to(refusal);
}

void Connector::on_udp_payload(const Uuid& session, Bytes payload, Time now) {
  static_cast<void>(udp_.send_session(session, payload, now));  // the proxy counts it
}

void Connector::on_udp_end(const Uuid& session) { udp_.close_session(session); }

std::optional<DropReason> Connector::on_session_answer(const Uuid& session, Bytes payload,
                                                       std::uint8_t tag, Time now) {
  Uplink& uplink = *uplinks_[tag];
  if (!uplink.is_up()) return DropReason::no_connection;
  if (payload.size() > uplink.link().max_udp_payload()) return DropReason::too_big;
  auto packet = pool_.copy(payload);
  if (!packet) return DropReason::no_buffer;
  return uplink.link().send_udp(session, *packet, now);
}

void Connector::on_session_over(const Uuid& session, std::uint8_t tag) {
  uplinks_[tag]->end_udp(session, "it was idle");
}

// The same destinations as for packets.
void Connector::on_connect_check(Uplink& uplink, const ConnectCheck& check) {
  const IpAddress& to = check.destination.address;
  if (tcp_filter_.refuses(to, backend_.is_broadcast(to))) {
    return uplink.answer_connect(check,
                                 "the operator of this connector does not allow that destination");
  }
  tcp_.connect(check.destination,
               [&uplink, check](const std::string& error) { uplink.answer_connect(check, error); });
}

void Connector::on_bad_datagram(DropReason reason) { requests_.count_lost(reason); }

std::optional<IpAddress> Connector::hop_address(const IpView& packet) const {
  const auto& fixed = packet.is_v4() ? config_.hop_v4 : config_.hop_v6;
  if (fixed) return fixed;
  const auto source = backend_.source_for(packet.destination());
  if (source && source->is_single_host()) return source;
  // There is no way there, or the way is this host itself: what the edge knows us by.
  for (const auto& uplink : uplinks_) {
    if (uplink->quic() != nullptr) return uplink->quic()->path().local.address;
  }
  return std::nullopt;
}

void Connector::on_registered(Uplink&, Time now) {
  if (drain_since_) return;
  for (const auto& uplink : uplinks_) {
    if (!uplink->is_started()) uplink->start(now);
  }
}

void Connector::on_refused(Uplink& uplink, const tunnel::RegistrationRefused& refusal, Time) {
  if (refusal.should_retry || refusal.cause == "EDUPCONN" || ready_connections() > 0) {
    log::warn("connection {}: refused: {}", uplink.index(), refusal.cause);
    return;
  }
  fatal_ = "the edge refused this connector: " + refusal.cause +
           "; make a new token on the edge with `oneping tunnel token` and give its file with "
           "--token-file";
}

// Each connection brings the configuration, in whatever order: the newest counts. What is about the
// connection counts for it alone.
Result<void> Connector::on_configuration(Uplink& uplink, std::int32_t version,
                                         std::string_view json) {
  const auto settings = tunnel::read_configuration(json);
  if (!settings) return tl::make_unexpected(settings.error());
  if (settings->large_packets) uplink.link().allow_large_packets();
  if (version < configuration_version_) return {};
  configuration_version_ = version;
  if (settings->path != settings_.path) {
    log::info("the edge has set path: {}", tunnel::to_string(settings->path));
  }
  settings_ = *settings;
  const bool is_hidden = settings_.path == tunnel::PathMode::single_hop;
  proxy_.hide_path(is_hidden);
  udp_.hide_path(is_hidden);
  probes_.enable(!is_hidden);  // then none expires
  return {};
}

void Connector::drain(Time now) {
  if (drain_since_) return;
  drain_since_ = next_drain_check_ = now;
  for (const auto& uplink : uplinks_) uplink->unregister();
}

std::size_t Connector::ready_connections() const {
  return static_cast<std::size_t>(std::count_if(uplinks_.begin(), uplinks_.end(),
                                                [](const auto& u) { return u->is_registered(); }));
}

}  // namespace oneping::connector
