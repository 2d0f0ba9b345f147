#include "device/device.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "device/split_routes.h"
#include "quic/peer_certificate.h"

namespace oneping::device {

namespace {

// What a host may have of what the edge assigns: addresses that mean something beyond it.
std::vector<Prefix> usable(std::vector<Prefix> assigned) {
  std::erase_if(assigned, [](const Prefix& prefix) {
    return !prefix.address().is_single_host() || prefix.address().is_link_local();
  });
  if (assigned.size() > InterfacePlan::kMaxAddresses) {
    assigned.resize(InterfacePlan::kMaxAddresses);
  }
  return assigned;
}

std::vector<IpAddress> addresses_of(const std::vector<Prefix>& prefixes) {
  std::vector<IpAddress> addresses;
  addresses.reserve(prefixes.size());
  for (const Prefix& prefix : prefixes) addresses.push_back(prefix.address());
  return addresses;
}

}  // namespace

Result<std::unique_ptr<Device>> Device::make(const DeviceConfig& config, Dialer& dialer, Link& host,
                                             DeviceEvents& events, PacketPool& pool,
                                             Random& random) {
  const auto key = quic::key_pin(config.certificate.leaf);
  if (!key) return fail("reading the device's certificate", key.error());
  const auto authority = quic::key_pin(config.certificate.authority);
  if (!authority) return fail("reading the authority's certificate", authority.error());
  const RenewalOptions renewal{.key_pem = config.key_pem,
                               .name = config.name,
                               .key_pin = *key,
                               .authority_pin = *authority,
                               .wall_clock = config.wall_clock};
  return std::unique_ptr<Device>(new Device(config, renewal, dialer, host, events, pool, random));
}

Device::Device(const DeviceConfig& config, const RenewalOptions& renewal, Dialer& dialer,
               Link& host, DeviceEvents& events, PacketPool& pool, Random& random)
    : dialer_(dialer),
      events_(events),
      path_(config.host, host, pool),
      session_({.wish = {config.edge}, .wall_clock = config.wall_clock},
               config.certificate.validity, dialer, static_cast<SessionEvents&>(*this), random),
      renewal_(
          renewal, config.certificate.validity, session_,
          [this](const CertificateChain& chain, Time now) { events_.on_renewed(chain, now); }) {}

void Device::start(Time now) {
  renewal_.start(now);
  session_.start(now);
}

void Device::on_time(Time now) {
  session_.on_time(now);
  renewal_.on_time(now);
}

Time Device::next_deadline() const {
  return std::min(session_.next_deadline(), renewal_.next_deadline());
}

void Device::on_wake(Duration slept, Time now) {
  session_.on_wake(slept, now);
  renewal_.look_soon(now);
}

void Device::on_session_up(Time now) {
  path_.set_edge(&session_.link());
  on_terms_changed(now);
  renewal_.look_soon(now);
  events_.on_session_up(now);
}

void Device::on_terms_changed(Time now) { tell_plan(now); }

void Device::on_session_down(const Problem& why, Time now) {
  path_.set_edge(nullptr);
  events_.on_session_down(why, now);
}

void Device::on_attempt_failed(const Problem& why, Time now) {
  // The edge may have got another address, which must not be routed into the tunnel.
  if (plan_ != InterfacePlan{}) tell_plan(now);
  events_.on_attempt_failed(why, now);
}

void Device::tell_plan(Time now) {
  auto edge = dialer_.edge_addresses();
  if (const auto path = session_.status().path) edge.push_back(path->remote.address);
  SplitRoutes routes = split_routes(session_.routes(), edge);
  if (routes.left_out != left_out_ && routes.left_out > 0) {
    log::warn("the edge advertises more routes than a host takes: {} are left out",
              routes.left_out);
  }
  left_out_ = routes.left_out;
  auto assigned = usable(session_.addresses());
  std::size_t mtu = plan_.mtu;
  // On a narrower path PacketPath answers what the interface lets through.
  if (session_.is_up()) {
    mtu = std::clamp(session_.link().max_packet_size(), InterfacePlan::kMinMtu,
                     InterfacePlan::kMaxMtu);
  }
  InterfacePlan plan{mtu, addresses_of(assigned), std::move(routes.prefixes)};
  if (plan == plan_) return;
  plan_ = std::move(plan);
  path_.set_terms(std::move(assigned), plan_.routes);
  events_.on_plan_changed(plan_, now);
}

}  // namespace oneping::device
