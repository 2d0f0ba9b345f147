// Policies, their order, and the default: drafts of their changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

// "group:staff", taken apart; the name is not looked up yet.
struct WhoInput {
  SubjectKind kind = SubjectKind::user;
  Reference name;
};

// What ICMP a policy may speak of: nothing else begins a flow.
enum class IcmpType : std::uint8_t { echo_request };

// Of an update the position does not count: see move_policy.
struct PolicyInput {
  std::optional<std::string> name;
  Clearable<std::vector<WhoInput>> who;
  Clearable<std::vector<Prefix>> to;
  Clearable<Reference> vnet;
  Clearable<Protocol> protocol;
  Clearable<IcmpType> icmp_type;
  Clearable<std::vector<PortRange>> ports;
  Clearable<Timestamp> from;
  Clearable<Timestamp> until;
  std::optional<Verdict> verdict;
  Clearable<std::string> comment;
  std::optional<std::uint32_t> position;  // nothing: last
};

// Just one of them says where to.
struct MoveInput {
  std::optional<std::uint32_t> position;
  std::optional<Reference> before;
  std::optional<Reference> after;
};

[[nodiscard]] Outcome<Id> create_policy(Draft& draft, const PolicyInput& input);
[[nodiscard]] Outcome<Id> update_policy(Draft& draft, const Reference& which,
                                        const PolicyInput& input);
[[nodiscard]] Outcome<Id> move_policy(Draft& draft, const Reference& which, const MoveInput& input);
[[nodiscard]] Outcome<Id> delete_policy(Draft& draft, const Reference& which);
[[nodiscard]] Outcome<Id> set_default_verdict(Draft& draft, Verdict verdict);

// "active", or on which side of its time it is not: "waiting", "over".
[[nodiscard]] const char* state_of(const Policy& policy, Timestamp now);

}  // namespace oneping::control
