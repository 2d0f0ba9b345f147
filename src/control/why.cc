#include "control/why.h"

#include <algorithm>
#include <cstdio>

namespace oneping::control {

namespace {

using Outcome = WhyAnswer::Outcome;
using PortOutcome = edge::PortReport::Outcome;

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string milliseconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms",
                std::chrono::duration<double, std::milli>(duration).count());
  return text;
}

// ICMP errors by what they say, whatever the family.
enum class Refusal : std::uint8_t { none, net, host, prohibited, port, source, other };

Refusal refusal_of(const edge::HopReport::Error& error, IpFamily family) {
  if (family == IpFamily::v4) {
    if (error.type != 3) return Refusal::other;
    switch (error.code) {
      case 0:
      case 6: return Refusal::net;
      case 1:
      case 7: return Refusal::host;
      case 3: return Refusal::port;
      case 9:
      case 10:
      case 13: return Refusal::prohibited;
      default: return Refusal::other;
    }
  }
  if (error.type != 1) return Refusal::other;
  switch (error.code) {
    case 0: return Refusal::net;
    case 1:
    case 6: return Refusal::prohibited;
    case 3: return Refusal::host;
    case 4: return Refusal::port;
    case 5: return Refusal::source;
    default: return Refusal::other;
  }
}

class Inquiry {
 public:
  explicit Inquiry(const WhyFacts& facts) : facts_(facts) {}

  WhyAnswer answer() {
    const bool is_found = check_name() && check_sender() && check_policy() && check_route() &&
                          check_tunnel() && check_icmp() && check_path() && check_size() &&
                          check_port();
    if (is_found) conclude_reachable();
    add_legs();
    return std::move(answer_);
  }

 private:
  [[nodiscard]] const edge::PortReport* port() const {
    return facts_.path && facts_.path->port ? &*facts_.path->port : nullptr;
  }
  [[nodiscard]] bool is_port_open() const {
    return port() != nullptr && port()->outcome == PortOutcome::open;
  }
  [[nodiscard]] static std::string name_of(const edge::PortReport& port) {
    return std::string(to_string(port.transport)) + " port " + std::to_string(port.number);
  }

  // Each says whether the way goes on behind it.
  bool check_name() {
    if (facts_.address) {
      const bool is_name = facts_.asked != facts_.address->to_string();
      return ok("name", is_name ? facts_.asked + " is " + facts_.address->to_string()
                                : facts_.asked + " is an address");
    }
    return stop("name", "unknown_name",
                "The name " + quoted(facts_.asked) +
                    " is not known to the edge: " + facts_.resolve_error + ".",
                "Write the address itself, or see to it that the edge's host resolves the name.");
  }

  bool check_sender() {
    if (!facts_.sender)
      return ok("sender", "the edge asks for itself, as somebody whom no policy names");
    const WhyFacts::Sender& sender = *facts_.sender;
    const std::string who =
        "device " + quoted(sender.device) + (sender.user.empty() ? "" : " of " + sender.user);
    if (sender.revoked) {
      return stop("sender", "device_revoked", "The " + who + " has been revoked.",
                  "If it shall come back: oneping device restore " + sender.device);
    }
    if (!sender.online) {
      return stop(
          "sender", "device_offline", "The " + who + " is not connected to the edge.",
          "On the device: oneping device up, and oneping device status, which says why not.");
    }
    return ok("sender", "the " + who + " is connected" +
                            (sender.rtt ? ", " + milliseconds(*sender.rtt) + " away" : ""));
  }

  bool check_policy() {
    if (facts_.verdict == Verdict::allow) return ok("policy", facts_.policy_reason);
    const bool by_default = facts_.policy == "default";
    return stop("policy", "policy_denied",
                by_default ? "No policy allows it, and the default is to deny."
                           : "The policy " + quoted(facts_.policy) + " denies it.",
                by_default ? "oneping policy add NAME --allow --to " + facts_.address->to_string()
                           : "oneping policy info " + facts_.policy +
                                 ", and a rule before it that allows what should pass.",
                facts_.policy_reason);
  }

  bool check_route() {
    const std::string to = facts_.address->to_string();
    if (facts_.route) {
      return ok("route", to + " is in " + facts_.route->to_string() + ", which leads to tunnel " +
                             quoted(facts_.tunnel));
    }
    if (!facts_.address->is_single_host() || facts_.address->is_link_local()) {
      return stop(
          "route", "no_route",
          to + " is no address that is routed: it means a host or a link wherever it is said, "
               "or many hosts at once.",
          "Ask for the address that the host has in its network.");
    }
    if (!facts_.device_there.empty()) {
      return stop("route", "no_route",
                  to + " is the device " + quoted(facts_.device_there) +
                      ", and devices do not reach one another.",
                  "Ask for something in a network that a connector serves.");
    }
    return stop("route", "no_route",
                "No route of the network " + quoted(facts_.vnet) + " leads to " + to + ".",
                "oneping route add PREFIX TUNNEL, with a prefix that holds " + to + ".");
  }

  bool check_tunnel() {
    const std::string tunnel = "tunnel " + quoted(facts_.tunnel);
    switch (facts_.health) {
      case edge::TunnelHealth::healthy:
        return ok("tunnel", tunnel + " is healthy, with " + connections());
      case edge::TunnelHealth::degraded:
        return ok("tunnel", tunnel + " is degraded, with " + connections());
      case edge::TunnelHealth::down:
      case edge::TunnelHealth::inactive: break;
    }
    const bool never = facts_.health == edge::TunnelHealth::inactive;
    const std::string since =
        facts_.last_connected ? "; the last was there at " + timestamp_text(*facts_.last_connected)
                              : "";
    return stop("tunnel", "connector_down",
                never ? "No connector of " + tunnel + " has ever connected."
                      : "No connector of " + tunnel + " is connected" + since + ".",
                "In the private network: oneping connector run --token-file FILE --edge HOST:PORT; "
                "its log says why it does not connect.");
  }

  bool check_icmp() {
    if (!facts_.may_ping) return true;
    switch (facts_.icmp) {
      case edge::IcmpState::available: return ok("connector", "the connector can ping");
      case edge::IcmpState::unknown:
        return note("connector", "the connector does not say whether it can ping");
      case edge::IcmpState::unavailable: break;
    }
    if (is_port_open()) return note("connector", "may not ping: " + facts_.icmp_reason);
    return stop("connector", "icmp_unavailable",
                "The connector of tunnel " + quoted(facts_.tunnel) +
                    " may not ping: " + facts_.icmp_reason + ".",
                "On the connector's host: sysctl -w net.ipv4.ping_group_range=\"GID GID\" with the "
                "connector's group.");
  }

  bool check_path() {
    if (!facts_.may_ping) {
      return note("path", "it was not measured: no policy lets the sender ping there");
    }
    if (!facts_.path) return note("path", "it was not measured");
    if (facts_.path->is_reached) {
      const edge::HopReport& last = facts_.path->hops.back();
      return ok("path", facts_.address->to_string() + " answers, as hop " +
                            std::to_string(last.ttl) + " of the way" +
                            (last.average ? ", after " + milliseconds(*last.average) : ""));
    }
    if (is_port_open()) {
      return note("path", facts_.address->to_string() + " does not answer pings, but is there");
    }
    const edge::HopReport* last = last_that_answers();
    if (last != nullptr && last->error) return check_refusal(*last);
    return check_silence(last);
  }

  // Somebody on the way says why.
  bool check_refusal(const edge::HopReport& hop) {
    const std::string to = facts_.address->to_string();
    const std::string who = name_of(hop);
    const bool is_itself = *hop.address == *facts_.address;
    switch (refusal_of(*hop.error, facts_.address->family())) {
      case Refusal::net:
        return stop("path", "no_route_behind", "The " + who + " has no route to " + to + ".",
                    "Give that router a route, or take the prefix out of the tunnel.");
      case Refusal::host:
        return stop("path", "host_down",
                    "Nobody is at " + to + ": the " + who + " says that the host does not answer.",
                    "Is the host up, and the address right?");
      case Refusal::prohibited:
        return stop(
            "path", "filtered",
            (is_itself ? to + " itself" : "The " + who) +
                " does not let it pass: administratively prohibited.",
            is_itself || hop.role != edge::HopRole::connector
                ? "Look at the filter rules there."
                : "Is it an address that connectors refuse (allow-destination)? Else look at "
                  "the filter rules there.");
      case Refusal::port:
      case Refusal::source:
      case Refusal::none:
      case Refusal::other: break;
    }
    return stop("path", "refused",
                "The " + who + " refuses it (ICMP type " + std::to_string(hop.error->type) +
                    ", code " + std::to_string(hop.error->code) + ").",
                "Look at that host.");
  }

  // Nobody says anything; perhaps the host is there all the same.
  bool check_silence(const edge::HopReport* last) {
    const std::string to = facts_.address->to_string();
    const bool is_refused = port() != nullptr && port()->outcome == PortOutcome::refused;
    const edge::PortReport* life = is_refused          ? port()
                                   : facts_.path->life ? &*facts_.path->life
                                                       : nullptr;
    if (life != nullptr) {
      const bool is_open = life->outcome == PortOutcome::open;
      // Connectors of other software do not say whether they can ping.
      const bool may_be_connector = facts_.icmp == edge::IcmpState::unknown;
      return stop(
          "path", "echo_filtered",
          to + " is up, but does not answer pings: something there filters them" +
              (may_be_connector ? ", or the connector cannot ping." : "."),
          std::string("Look at its firewall, and at those in front of it") +
              (may_be_connector ? "; and in the connector's log, whether it may ping." : "."),
          to + " is silent for pings, but its " + name_of(*life) +
              (is_open ? " is open" : " refuses connections, as a host that is up does"));
    }
    const std::string where = last == nullptr ? "nothing on the way answers"
                                              : "the last that answers is the " + name_of(*last);
    return stop("path", "silent", to + " does not answer, and nobody says why; " + where + ".",
                "Is the host up? Does it, or a firewall in front of it, filter pings?");
  }

  bool check_size() {
    if (!facts_.path || !facts_.path->mtu) return true;
    const probe::PathMtuResult& mtu = *facts_.path->mtu;
    if (mtu.vanished) {
      const std::string largest = std::to_string(mtu.largest);
      return stop(
          "size", "mtu_black_hole",
          "Packets up to " + largest + " bytes get there; larger ones vanish without a word.",
          "A router on the way, or a filter, keeps back \"fragmentation needed\": let it "
          "through, or set an MTU of " +
              largest + " there.",
          "packets of " + std::to_string(*mtu.vanished) + " bytes get no answer, and those of " +
              largest + " do");
    }
    if (mtu.largest == 0) return true;
    std::string detail = "packets of " + std::to_string(mtu.largest) + " bytes get there whole";
    if (mtu.told) detail += "; " + mtu.told->from.to_string() + " says that larger ones do not fit";
    return ok("size", detail);
  }

  bool check_port() {
    if (!facts_.asks_for_port) return true;
    if (port() == nullptr) return note("port", "it is being tried");
    const std::string what = name_of(*port());
    const std::string to = facts_.address->to_string();
    switch (port()->outcome) {
      case PortOutcome::open:
        return ok("port", what + (port()->transport == edge::Transport::tcp
                                      ? " is open: the connector can connect to it"
                                      : " answers"));
      case PortOutcome::refused:
        return stop("port", "port_closed", to + " is up, but nobody listens on " + what + ".",
                    "Is the service running there, and on that port?");
      case PortOutcome::silent:
        // A service that hears what it does not understand says nothing either (RFC 768).
        if (port()->transport == edge::Transport::udp && !facts_.may_ping) {
          return stop("port", "port_silent",
                      what + " of " + to +
                          " says nothing, and pings, which could tell more, no "
                          "policy lets the sender send.",
                      "Many services say nothing to what they do not understand: try it with its "
                      "own client. Ask without --from for the host itself.");
        }
        if (port()->transport == edge::Transport::udp) {
          return note("port", what + " says nothing, as many services do; nobody refuses it");
        }
        return stop("port", "port_silent", to + " is up, but " + what + " does not answer.",
                    "A firewall may filter it, or the service hangs.");
      case PortOutcome::unreachable:
        return stop("port", "port_unreachable",
                    what + " of " + to + " is not reached: " + port()->detail + ".",
                    "Look at the filters in front of it.");
      case PortOutcome::unknown: break;
    }
    return note("port", what + " could not be tried: " + port()->detail);
  }

  void conclude_reachable() {
    answer_.reachable = true;
    answer_.cause = "reachable";
    std::string verdict = facts_.address->to_string() + " is reachable";
    if (is_port_open()) verdict += " on " + name_of(*port());
    if (facts_.path && !facts_.path->hops.empty() && facts_.path->is_reached &&
        facts_.path->hops.back().average) {
      verdict += ", " + milliseconds(*facts_.path->hops.back().average) + " from the edge";
    }
    answer_.verdict = verdict + ".";
  }

  void add_legs() {
    if (facts_.sender) answer_.device_to_edge = facts_.sender->rtt;
    if (!facts_.path) return;
    answer_.edge_to_connector = facts_.path->edge_to_connector;
    if (facts_.path->hops.empty()) return;
    const edge::HopReport& last = facts_.path->hops.back();
    if (facts_.path->is_reached && last.average && answer_.edge_to_connector) {
      const Duration whole = last.best.value_or(*last.average);
      answer_.connector_to_host = std::max(Duration::zero(), whole - *answer_.edge_to_connector);
    }
  }

  bool ok(const char* check, const std::string& detail) {
    answer_.evidence.push_back({check, Outcome::ok, detail});
    return true;
  }
  bool note(const char* check, const std::string& detail) {
    answer_.evidence.push_back({check, Outcome::unknown, detail});
    return true;
  }
  // `detail` says what was seen, where the verdict alone does not.
  bool stop(const char* check, const char* cause, const std::string& verdict,
            const std::string& fix, const std::string& detail = {}) {
    answer_.cause = cause;
    answer_.verdict = verdict;
    answer_.fix = fix;
    answer_.evidence.push_back({check, Outcome::bad, detail.empty() ? verdict : detail});
    return false;
  }

  [[nodiscard]] const edge::HopReport* last_that_answers() const {
    const auto& hops = facts_.path->hops;
    const auto last = std::find_if(hops.rbegin(), hops.rend(), [](const edge::HopReport& hop) {
      return hop.address.has_value();
    });
    return last == hops.rend() ? nullptr : &*last;
  }
  [[nodiscard]] static std::string name_of(const edge::HopReport& hop) {
    return std::string(to_string(hop.role)) + " " + hop.address->to_string();
  }
  [[nodiscard]] std::string connections() const {
    return std::to_string(facts_.connections) +
           (facts_.connections == 1 ? " connection" : " connections");
  }

  const WhyFacts& facts_;
  WhyAnswer answer_;
};

}  // namespace

const char* to_string(WhyAnswer::Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::bad: return "bad";
    case Outcome::unknown: return "unknown";
  }
  return "unknown";
}

WhyAnswer why(const WhyFacts& facts) { return Inquiry(facts).answer(); }

}  // namespace oneping::control
