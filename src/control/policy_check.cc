#include "control/policy_check.h"

#include "control/compile.h"
#include "control/fields.h"

namespace oneping::control {

namespace {

constexpr std::size_t kMaxTables = 100;  // each costs what a change of policies costs

Outcome<Id> vnet_of(const CheckInput& input, const Device* device, const Directory& directory) {
  if (!input.vnet) return device == nullptr ? kDefaultVnet : device->vnet;
  const auto vnet = named<Vnet>(directory, "vnet", *input.vnet);
  if (!vnet) return refusal_of(vnet);
  return (*vnet)->id;
}

Outcome<PolicyQuestion> question_of(const CheckInput& input, Id vnet) {
  PolicyQuestion question{.destination = *input.to, .network = network_of(vnet)};
  question.protocol = input.protocol.value_or(Protocol::icmp);
  const bool is_udp = question.protocol == Protocol::udp;
  if (is_udp && !input.port) return invalid("port", "udp needs a port");
  if (!is_udp && input.port) return invalid("port", "a port goes with protocol udp only");
  question.port = input.port.value_or(0);
  return question;
}

}  // namespace

struct PolicyChecker::Flow {
  Device sender;  // as far as it is known
  std::vector<Subject> subjects;
  PolicyQuestion question;
};

Outcome<CheckResult> PolicyChecker::check(const CheckInput& input, const std::string& within) {
  const auto located = [&](Refusal refusal) {
    if (!refusal.field.empty()) refusal.field = path_of(within, refusal.field);
    return tl::make_unexpected(std::move(refusal));
  };
  const auto flow = flow_of(input);
  if (!flow) return located(flow.error());
  const auto table = table_at(input.at.value_or(now_));
  if (!table) return located(table.error());

  CheckResult result;
  result.vnet = flow->sender.vnet;
  if (flow->sender.revoked) {
    result.reason = in_words(flow->sender) + " is revoked, and nothing of it is carried";
    return result;
  }
  const PolicyDecision decision =
      (*table)->decide((*table)->sender(flow->subjects), flow->question);
  const std::string verdict(to_string(decision.verdict));
  result.verdict = decision.verdict;
  result.rule = (*table)->name_of(decision.rule);
  if (decision.rule == PolicyDecision::kDefault) {
    result.reason = "no policy matches, and the default is " + verdict;
  } else {
    result.position = directory_.policies().find(std::string_view(*result.rule))->position;
    result.reason = "policy " + in_quotes(*result.rule) + " at position " +
                    std::to_string(*result.position) + " is the first that matches: " + verdict;
  }
  return result;
}

// Who sends is put together as a device of the edge's would be, so that the same rules hold.
Outcome<PolicyChecker::Flow> PolicyChecker::flow_of(const CheckInput& input) const {
  Flow flow;
  const Device* known = nullptr;
  if (input.device) {
    const auto device = named<Device>(directory_, "device", *input.device);
    if (!device) return refusal_of(device);
    known = *device;
    flow.sender = *known;
  }
  if (input.user) {
    const auto user = named<User>(directory_, "user", *input.user);
    if (!user) return refusal_of(user);
    flow.sender.user = (*user)->id;
  }
  const auto vnet = vnet_of(input, known, directory_);
  if (!vnet) return refusal_of(vnet);
  flow.sender.vnet = *vnet;
  const auto question = question_of(input, *vnet);
  if (!question) return refusal_of(question);
  flow.question = *question;

  edge::Identity identity = compile_identity(flow.sender, directory_);
  if (input.groups) {
    for (const Reference& reference : input.groups->value_or(std::vector<Reference>())) {
      const auto group = named<Group>(directory_, "groups", reference);
      if (!group) return refusal_of(group);
      identity.groups.push_back((*group)->name);
    }
  }
  if (input.tags) {
    const auto tags = input.tags->value_or(std::vector<std::string>());
    if (auto good = check_tags(tags); !good) return refusal_of(good);
    identity.tags.insert(identity.tags.end(), tags.begin(), tags.end());
  }
  flow.subjects = edge::subjects_of(identity);
  return flow;
}

Outcome<const PolicyTable*> PolicyChecker::table_at(Timestamp time) {
  const auto found = tables_.find(time);
  if (found != tables_.end()) return &found->second;
  if (tables_.size() >= kMaxTables) {
    return invalid("at", "there are more than 100 different times in one request");
  }
  return &tables_.emplace(time, compile_policies(directory_, time)).first->second;
}

}  // namespace oneping::control
