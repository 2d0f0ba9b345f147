// Who may reach what: ordered rules, of which the first that matches decides, and a default.
//
// Immutable: a change makes a new table, and the packet path swaps one pointer. A rule's time (from,
// until) is not known here: the control plane leaves out the rules that are not in force and makes
// the table anew when that changes, so that no packet asks for the time of day.
//
// A decision costs a search for the destination among the rules' prefixes, and a look at the rules
// of the prefixes around it; not a look at every rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/ip_address.h"

namespace oneping {

enum class Verdict : std::uint8_t { allow, deny };
enum class Protocol : std::uint8_t { icmp, udp };

[[nodiscard]] std::string_view to_string(Verdict verdict);    // "allow", "deny"
[[nodiscard]] std::string_view to_string(Protocol protocol);  // "icmp", "udp"

// A virtual network's number. Addresses mean something only within one.
using NetworkId = std::uint32_t;

// What a rule may name its senders by.
enum class SubjectKind : std::uint8_t { user, group, device, tag };
struct Subject {
  SubjectKind kind = SubjectKind::user;
  std::string name;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// Ports, both ends included.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

struct PolicyRule {
  std::string name;                   // what the flow log calls it
  std::vector<Subject> who;           // a sender who is any of these; empty: everybody
  std::vector<Prefix> to;             // any of these; empty: everywhere
  std::optional<NetworkId> network;   // nothing: every virtual network
  std::optional<Protocol> protocol;   // nothing: all
  std::vector<PortRange> ports;       // UDP destination ports; empty: all. With ports, only UDP
  Verdict verdict = Verdict::deny;
};

// What a policy is asked about: the flow that a packet begins. Of ICMP only echo requests begin one.
struct PolicyQuestion {
  IpAddress destination;
  NetworkId network = 0;
  Protocol protocol = Protocol::icmp;
  std::uint16_t port = 0;  // UDP
};

struct PolicyDecision {
  static constexpr std::uint32_t kDefault = ~std::uint32_t{0};
  Verdict verdict = Verdict::allow;
  std::uint32_t rule = kDefault;  // place in rules(), or kDefault: none matched
  friend bool operator==(const PolicyDecision&, const PolicyDecision&) = default;
};

class PolicyTable {
 public:
  // Everything is allowed.
  PolicyTable() : PolicyTable({}, Verdict::allow) {}
  PolicyTable(std::vector<PolicyRule> rules, Verdict by_default);

  // A sender as this table sees him: which of the subjects that its rules name he is. Of no use
  // with another table.
  class Sender;
  [[nodiscard]] Sender sender(std::span<const Subject> subjects) const;

  // The first rule in order that matches, or the default.
  [[nodiscard]] PolicyDecision decide(const Sender& sender, const PolicyQuestion& question) const;

  [[nodiscard]] const std::vector<PolicyRule>& rules() const { return rules_; }
  [[nodiscard]] Verdict default_verdict() const { return default_; }
  // The rule's name, or "default".
  [[nodiscard]] std::string_view name_of(std::uint32_t rule) const;

 private:
  std::vector<PolicyRule> rules_;
  Verdict default_ = Verdict::allow;
  // The rest is the implementer's.
};

// A set of bits, one for each subject that the table's rules name.
class PolicyTable::Sender {
 private:
  friend class PolicyTable;
  std::vector<std::uint64_t> bits_;
};

}  // namespace oneping
