// What would be decided about a flow, and by which policy: the same tables that judge packets,
// asked by people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

// The flow. A device brings its user, tags and virtual network; a user his groups.
struct CheckInput {
  std::optional<Reference> user;
  std::optional<Reference> device;
  Clearable<std::vector<Reference>> groups;
  Clearable<std::vector<std::string>> tags;
  std::optional<IpAddress> to;  // always given
  std::optional<Reference> vnet;
  std::optional<Protocol> protocol;  // nothing: ICMP
  std::optional<std::uint16_t> port;
  std::optional<Timestamp> at;  // nothing: now
};

struct CheckResult {
  Verdict verdict = Verdict::deny;
  std::optional<std::string> rule;  // a policy's name, or "default"; nothing: no rule is asked
  std::optional<std::uint32_t> position;
  std::string reason;  // a sentence
  Id vnet = kDefaultVnet;
};

// Answers questions about one directory; keeps the tables that it has made for them, one for each
// time that is asked about.
class PolicyChecker {
 public:
  // The directory must outlive it and stay as it is.
  PolicyChecker(const Directory& directory, Timestamp now) : directory_(directory), now_(now) {}

  // `within` is where the question stands in a request, for refusals.
  [[nodiscard]] Outcome<CheckResult> check(const CheckInput& input, const std::string& within = {});

 private:
  struct Flow;
  [[nodiscard]] Outcome<Flow> flow_of(const CheckInput& input) const;
  [[nodiscard]] Outcome<const PolicyTable*> table_at(Timestamp time);

  const Directory& directory_;
  Timestamp now_;
  std::map<Timestamp, PolicyTable> tables_;
};

}  // namespace oneping::control
