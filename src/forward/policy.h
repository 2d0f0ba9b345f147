// Who may reach what: ordered rules, of which the first that matches decides, and a default.
//
// Immutable: a change makes a new table, and the packet path swaps one pointer. A rule's time
// (from, until) is not known here: the control plane leaves out the rules that are not in force and
// makes the table anew when that changes, so that no packet asks for the time of day.
//
// A decision costs a search for the destination among the rules' prefixes, and a look at the rules
// of the prefixes around it; not a look at every rule. What a sender is among the rules is worked
// out once (sender()), not for each decision. Many rules for one prefix are judged 64 at a time, as
// bits: those that speak of the destination, of the sender, and of the network and protocol. Only
// UDP ports are compared rule by rule.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "forward/port_set.h"
#include "forward/prefix_map.h"
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

struct PolicyRule {
  std::string name;                  // what the flow log calls it
  std::vector<Subject> who;          // a sender who is any of these; empty: everybody
  std::vector<Prefix> to;            // any of these; empty: everywhere
  std::optional<NetworkId> network;  // nothing: every virtual network
  std::optional<Protocol> protocol;  // nothing: all
  std::vector<PortRange> ports;      // UDP destination ports; empty: all. With ports, only UDP
  Verdict verdict = Verdict::deny;
};

// What a policy is asked about: the flow that a packet begins. Of ICMP only echo requests begin
// one.
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

  // A sender as this table sees him: which of its rules speak of him. Of no use with another table.
  // One made by no table is anonymous: only rules for everybody speak of him.
  class Sender;
  [[nodiscard]] Sender sender(std::span<const Subject> subjects) const;

  // The first rule in order that matches, or the default.
  [[nodiscard]] PolicyDecision decide(const Sender& sender, const PolicyQuestion& question) const;

  [[nodiscard]] const std::vector<PolicyRule>& rules() const { return rules_; }
  [[nodiscard]] Verdict default_verdict() const { return default_; }
  // The rule's name, or "default".
  [[nodiscard]] std::string_view name_of(std::uint32_t rule) const;

 private:
  // A bit for each rule, in order, in words of 64.
  using RuleBits = std::vector<std::uint64_t>;
  // Those rules of one word that name the same prefix.
  struct Block {
    std::uint32_t word = 0;
    std::uint64_t rules = 0;
  };
  // The blocks of a prefix, in order.
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  // The rules that may match in a virtual network, by protocol, whoever sends to wherever.
  using Eligible = std::array<RuleBits, 2>;

  void index_destinations();
  void index_subjects();
  void index_networks();
  [[nodiscard]] const RuleBits& eligible(const PolicyQuestion& question) const;

  std::vector<PolicyRule> rules_;
  Verdict default_ = Verdict::allow;
  std::vector<PortSet> ports_;  // by rule

  PrefixMap prefixes_;
  std::vector<Block> blocks_;
  std::vector<Span> lists_;  // by prefix; the last is that of the rules for everywhere

  RuleBits everybody_;  // rules that name no subject
  std::map<Subject, std::vector<std::uint32_t>> rules_of_;
  Eligible elsewhere_;  // in networks that no rule names
  std::unordered_map<NetworkId, Eligible> networks_;
};

// A bit for each rule of the table that speaks of him.
class PolicyTable::Sender {
 private:
  friend class PolicyTable;
  RuleBits bits_;
};

}  // namespace oneping
