// Where does it die? Makes one verdict of what was found out about the way to a destination: a
// sentence, the evidence under it, and what to do. Pure: whoever asks has gathered the facts
// (diagnosis.h).
//
// The checks stand in the order of the way: the name, the sender, the policy, the route, the
// tunnel, what its connectors can do, the packets' path, their size, the port. The first that fails
// is the cause, and what lies behind it is not blamed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/model.h"
#include "edge/path_report.h"
#include "edge/status.h"

namespace oneping::control {

struct WhyFacts {
  std::string asked;                 // as it was written
  std::optional<IpAddress> address;  // nothing: the name is not known, and why
  std::string resolve_error;

  struct Sender {
    std::string device;
    std::string user;  // empty: nobody
    bool is_ingress = false;
    bool revoked = false;
    bool online = false;
    std::optional<Duration> rtt;  // between it and the edge
  };
  std::optional<Sender> sender;  // nothing: the edge asks for itself

  Verdict verdict = Verdict::allow;
  std::string policy_reason;  // a sentence
  bool may_ping = true;       // whether policies let the sender send what the path is measured with
  std::string policy;  // the name of the one that decides, or "default"; empty: none is asked

  std::optional<Prefix> route;
  std::string vnet = "default";
  std::string device_there;  // the device that has this address; empty: none
  std::string tunnel;
  edge::TunnelHealth health = edge::TunnelHealth::inactive;
  std::optional<Timestamp> last_connected;
  std::size_t connections = 0;
  edge::IcmpState icmp = edge::IcmpState::unknown;  // of the best connector, for this family
  std::string icmp_reason;

  std::optional<edge::PathReport> path;  // nothing: it was not measured
  bool asks_for_port = false;            // whose outcome path->port is, once it is known
};

struct WhyAnswer {
  enum class Outcome : std::uint8_t { ok, bad, unknown };
  struct Evidence {
    std::string check;  // "name", "policy", "route", …
    Outcome outcome = Outcome::unknown;
    std::string detail;  // a sentence
  };

  bool reachable = false;
  std::string cause;    // a word that programs may rely on; docs/api.md has them all
  std::string verdict;  // a sentence
  std::string fix;      // what to do; empty: nothing
  std::vector<Evidence> evidence;
  std::optional<Duration> device_to_edge, edge_to_connector, connector_to_host;
};
[[nodiscard]] const char* to_string(WhyAnswer::Outcome outcome);

[[nodiscard]] WhyAnswer why(const WhyFacts& facts);

}  // namespace oneping::control
