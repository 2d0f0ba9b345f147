#include "control/diagnosis.h"

#include <algorithm>
#include <utility>

#include "control/compile.h"
#include "control/destination.h"
#include "control/policy_check.h"

namespace oneping::control {

namespace {

constexpr const char* kPort = "a port is a number from 1 to 65535, alone or with /tcp or /udp";

// Empty if there is none.
std::string name_of_device_at(const IpAddress& address, const Directory& directory) {
  for (const auto& [id, device] : directory.devices().all()) {
    if (std::ranges::find(device.addresses, address) != device.addresses.end()) return device.name;
  }
  return "";
}

// Of a tunnel's connectors, what the best of them says of a family.
void add_icmp(WhyFacts& facts, const edge::TunnelStatus& status, IpFamily family) {
  for (const edge::ConnectorStatus& connector : status.connectors) {
    const edge::IcmpState state = family == IpFamily::v4 ? connector.icmp_v4 : connector.icmp_v6;
    const bool is_better =
        state == edge::IcmpState::available || facts.icmp == edge::IcmpState::unknown;
    if (!is_better || facts.icmp == edge::IcmpState::available) continue;
    facts.icmp = state;
    facts.icmp_reason = connector.icmp_reason;
  }
}

// The address that a name is best reached by here: one that a route leads to, if there is any.
IpAddress choose(const std::vector<IpAddress>& addresses, Id vnet, const Directory& directory) {
  const auto with_route = std::ranges::find_if(addresses, [&](const IpAddress& address) {
    return directory.route_towards(vnet, address) != nullptr;
  });
  return with_route == addresses.end() ? addresses.front() : *with_route;
}

}  // namespace

Outcome<std::unique_ptr<Diagnosis>> Diagnosis::start(Control& control, const WhyInput& input,
                                                     Duration interval,
                                                     std::optional<unsigned> rounds) {
  std::unique_ptr<Diagnosis> diagnosis(new Diagnosis(control));
  if (auto found = diagnosis->find_out(input); !found) return refusal_of(found);
  if (auto begun = diagnosis->measure(interval, rounds); !begun) return refusal_of(begun);
  return diagnosis;
}

Diagnosis::~Diagnosis() {
  if (check_) control_.stop_path(*check_);
}

// From names to ids and addresses, and what the directory says of them.
Outcome<void> Diagnosis::find_out(const WhyInput& input) {
  auto to = parse_destination(*input.to);
  if (!to) return invalid("to", in_quotes(*input.to) + " is no address, nor a name; " + kPort);
  if (input.port) to->port = parse_port(*input.port);
  if (input.port && !to->port) return invalid("port", kPort);
  port_ = to->port;
  facts_.asks_for_port = port_.has_value();
  facts_.asked = to->host;
  std::vector<IpAddress> addresses;
  if (const auto address = IpAddress::parse(to->host)) {
    addresses = {*address};
  } else {
    auto resolved = control_.resolve(to->host);
    if (resolved) {
      addresses = std::move(*resolved);
    } else {
      facts_.resolve_error = resolved.error().message;
    }
  }
  return control_.read([&](const Directory& directory) -> Outcome<void> {
    CheckInput question;
    if (input.from) {
      const auto device = named<Device>(directory, "from", *input.from);
      if (!device) return refusal_of(device);
      device_ = (*device)->id;
      vnet_ = (*device)->vnet;
      question.device = Reference{std::to_string((*device)->id)};
      facts_.sender = WhyFacts::Sender{.device = (*device)->name,
                                       .user = compile_identity(**device, directory).user,
                                       .is_ingress = (*device)->kind == DeviceKind::ingress,
                                       .revoked = (*device)->revoked};
    }
    if (input.vnet) {
      const auto vnet = named<Vnet>(directory, "vnet", *input.vnet);
      if (!vnet) return refusal_of(vnet);
      if (input.from && (*vnet)->id != vnet_) {
        return invalid("vnet", in_quotes(input.from->text) +
                                   " is in another virtual network: ask without one");
      }
      vnet_ = (*vnet)->id;
    }
    facts_.vnet = directory.vnets().find(vnet_)->name;
    if (addresses.empty()) return {};
    facts_.address = choose(addresses, vnet_, directory);

    question.to = facts_.address;
    question.vnet = Reference{std::to_string(vnet_)};
    // A TCP connection is the connector's own: the device's packets are what policies speak of.
    if (port_ && port_->transport == edge::Transport::udp) {
      question.protocol = Protocol::udp;
      question.port = port_->number;
    }
    const auto decided = PolicyChecker(directory, control_.now()).check(question);
    if (!decided) return refusal_of(decided);
    if (question.protocol == Protocol::udp) {
      question.protocol = Protocol::icmp;
      question.port = 0;
      const auto pings = PolicyChecker(directory, control_.now()).check(question);
      facts_.may_ping = pings && pings->verdict == Verdict::allow;
    }
    facts_.verdict = decided->verdict;
    facts_.policy = decided->rule.value_or("");
    facts_.policy_reason = decided->reason;

    const Route* route = directory.route_towards(vnet_, *facts_.address);
    if (route == nullptr) {
      facts_.device_there = name_of_device_at(*facts_.address, directory);
      return {};
    }
    const Tunnel& tunnel = *directory.tunnels().find(route->tunnel);
    facts_.route = route->prefix;
    facts_.tunnel = tunnel.name;
    facts_.last_connected = tunnel.last_connected;
    tunnel_ = tunnel.uuid;
    return {};
  });
}

Outcome<void> Diagnosis::measure(Duration interval, std::optional<unsigned> rounds) {
  if (!facts_.address) return {};
  const auto started = control_.start_path({.to = *facts_.address,
                                            .device = device_,
                                            .network = network_of(vnet_),
                                            .interval = interval,
                                            .rounds = rounds,
                                            .port = port_});
  if (!started) return refusal_of(started);
  check_ = *started;
  return {};
}

Outcome<WhyFacts> Diagnosis::facts() {
  WhyFacts facts = facts_;
  if (auto asked = ask_edge(facts); !asked) return refusal_of(asked);
  is_complete_ = !facts.path || facts.path->is_complete;
  return facts;
}

Outcome<void> Diagnosis::ask_edge(WhyFacts& facts) {
  if (facts.sender) {
    const auto sessions = control_.live_sessions();
    if (!sessions) return refusal_of(sessions);
    const auto own = sessions->find(*device_);
    facts.sender->online = facts.sender->is_ingress || own != sessions->end();
    if (own != sessions->end()) facts.sender->rtt = own->second.front().rtt;
  }
  if (tunnel_) {
    const auto tunnels = control_.live_tunnels();
    if (!tunnels) return refusal_of(tunnels);
    const edge::TunnelStatus* status = find_live(*tunnels, *tunnel_);
    facts.health = status != nullptr      ? status->health
                   : facts.last_connected ? edge::TunnelHealth::down
                                          : edge::TunnelHealth::inactive;
    if (status != nullptr) {
      facts.connections = connections_of(*status);
      add_icmp(facts, *status, facts.address->family());
    }
  }
  if (check_) {
    auto report = control_.path_report(*check_);
    if (!report) return refusal_of(report);
    facts.path = std::move(*report);
  }
  return {};
}

}  // namespace oneping::control
