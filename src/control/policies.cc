#include "control/policies.h"

#include <algorithm>

namespace oneping::control {

namespace {

template <typename Thing>
Outcome<Id> id_of(const Reference& name, const Directory& directory) {
  const auto thing = named<Thing>(directory, "who", name);
  if (!thing) return refusal_of(thing);
  return (*thing)->id;
}

Outcome<PolicyWho> resolve(const WhoInput& input, const Directory& directory) {
  PolicyWho who{.kind = input.kind};
  Outcome<Id> id = 0;
  switch (input.kind) {
    case SubjectKind::user: id = id_of<User>(input.name, directory); break;
    case SubjectKind::group: id = id_of<Group>(input.name, directory); break;
    case SubjectKind::device: id = id_of<Device>(input.name, directory); break;
    case SubjectKind::tag:
      if (const auto fault = fault_in_tag(input.name.text)) {
        return invalid("who", "the tag " + in_quotes(input.name.text) + " " + *fault);
      }
      who.tag = input.name.text;
      break;
  }
  if (!id) return refusal_of(id);
  who.id = *id;
  return who;
}

Outcome<void> fill_who(Policy& policy, const PolicyInput& input, const Directory& directory) {
  if (input.vnet) {
    policy.vnet.reset();
    if (*input.vnet) {
      const auto vnet = named<Vnet>(directory, "vnet", **input.vnet);
      if (!vnet) return refusal_of(vnet);
      policy.vnet = (*vnet)->id;
    }
  }
  if (!input.who) return {};
  std::vector<PolicyWho> all;
  for (const WhoInput& one : input.who->value_or(std::vector<WhoInput>())) {
    const auto who = resolve(one, directory);
    if (!who) return refusal_of(who);
    all.push_back(*who);
  }
  policy.who = without_repeats(all);
  return {};
}

// An ICMP type or ports say what protocol is meant, unless the same request says another.
Outcome<void> fill_protocol(Policy& policy, const PolicyInput& input) {
  if (input.protocol) policy.protocol = *input.protocol;
  if (input.ports) {
    policy.ports = without_repeats(input.ports->value_or(std::vector<PortRange>()));
  }
  if (input.icmp_type && *input.icmp_type) {
    if (input.protocol && policy.protocol != Protocol::icmp) {
      return invalid("icmp_type", "an ICMP type goes with protocol icmp only");
    }
    policy.protocol = Protocol::icmp;
  }
  if (policy.ports.empty()) return {};
  const bool other_meant = input.protocol || (input.icmp_type && *input.icmp_type);
  if (policy.protocol != Protocol::udp && (other_meant || policy.protocol)) {
    return invalid("ports", "ports go with protocol udp only");
  }
  policy.protocol = Protocol::udp;
  return {};
}

Outcome<void> fill(Policy& policy, const PolicyInput& input, const Draft& draft) {
  if (input.name) policy.name = *input.name;
  if (input.comment) policy.comment = input.comment->value_or("");
  if (input.to) policy.to = without_repeats(input.to->value_or(std::vector<Prefix>()));
  if (input.from) policy.from = *input.from;
  if (input.until) policy.until = *input.until;
  if (input.verdict) policy.verdict = *input.verdict;
  if (auto good = check_name(draft.directory.policies(), policy); !good) return good;
  if (auto good = check_comment(policy.comment); !good) return good;
  if (policy.from && policy.until && *policy.until <= *policy.from) {
    return invalid("until", "the policy would end before it begins");
  }
  if (auto good = fill_who(policy, input, draft.directory); !good) return good;
  return fill_protocol(policy, input);
}

// Writes the policies whose place in `order` is not their position yet. `changed` stands for the
// one of its id, and is written in any case.
void renumber(Draft& draft, const std::vector<Id>& order, const Policy* changed) {
  for (std::size_t place = 0; place < order.size(); ++place) {
    const bool is_changed = changed != nullptr && order[place] == changed->id;
    Policy policy = is_changed ? *changed : *draft.directory.policies().find(order[place]);
    const auto position = static_cast<std::uint32_t>(place + 1);
    if (!is_changed && policy.position == position) continue;
    policy.position = position;
    draft.put(policy);
  }
}

std::size_t place_of(const std::vector<Id>& order, Id id) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), id) - order.begin());
}

tl::unexpected<Refusal> no_such_position(std::size_t last) {
  return invalid("position", "positions go from 1 to " + std::to_string(last));
}

// Where to move to in `others`, the order without what is moved.
Outcome<std::size_t> target_of(const MoveInput& input, const std::vector<Id>& others,
                               const Directory& directory) {
  const int given = int{input.position.has_value()} + int{input.before.has_value()} +
                    int{input.after.has_value()};
  if (given != 1) {
    return invalid("position", "give one of position, before and after, to say where it moves to");
  }
  if (input.position) {
    if (*input.position < 1 || *input.position > others.size() + 1) {
      return no_such_position(others.size() + 1);
    }
    return *input.position - 1;
  }
  const char* field = input.before ? "before" : "after";
  const auto neighbour =
      named<Policy>(directory, field, input.before ? *input.before : *input.after);
  if (!neighbour) return refusal_of(neighbour);
  const std::size_t place = place_of(others, (*neighbour)->id);
  if (place == others.size()) return invalid(field, "a policy cannot be moved next to itself");
  return place + (input.after ? 1 : 0);
}

}  // namespace

Outcome<Id> create_policy(Draft& draft, const PolicyInput& input) {
  std::vector<Id> order = draft.directory.policy_order();
  if (auto room = check_room<Policy>(order.size()); !room) return refusal_of(room);
  if (!input.verdict) return invalid("verdict", "a policy needs a verdict: allow or deny");
  Policy policy;
  policy.id = draft.new_id();
  policy.created = draft.now;
  if (auto good = fill(policy, input, draft); !good) return refusal_of(good);

  policy.position = input.position.value_or(static_cast<std::uint32_t>(order.size() + 1));
  if (policy.position < 1 || policy.position > order.size() + 1) {
    return no_such_position(order.size() + 1);
  }
  order.insert(order.begin() + (policy.position - 1), policy.id);
  renumber(draft, order, &policy);
  draft.tell("policy.create", policy.name, describe(policy, draft.directory));
  return policy.id;
}

Outcome<Id> update_policy(Draft& draft, const Reference& which, const PolicyInput& input) {
  const auto before = subject<Policy>(draft.directory, which);
  if (!before) return refusal_of(before);
  Policy policy = **before;
  if (auto good = fill(policy, input, draft); !good) return refusal_of(good);
  draft.update(**before, policy);
  return policy.id;
}

Outcome<Id> move_policy(Draft& draft, const Reference& which, const MoveInput& input) {
  const auto policy = subject<Policy>(draft.directory, which);
  if (!policy) return refusal_of(policy);
  std::vector<Id> order = draft.directory.policy_order();
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(place_of(order, (*policy)->id)));
  const auto target = target_of(input, order, draft.directory);
  if (!target) return refusal_of(target);
  if (*target + 1 == (*policy)->position) return (*policy)->id;
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(*target), (*policy)->id);
  renumber(draft, order, nullptr);
  draft.tell("policy.move", (*policy)->name, {{"from", (*policy)->position}, {"to", *target + 1}});
  return (*policy)->id;
}

Outcome<Id> delete_policy(Draft& draft, const Reference& which) {
  const auto policy = subject<Policy>(draft.directory, which);
  if (!policy) return refusal_of(policy);
  std::vector<Id> order = draft.directory.policy_order();
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(place_of(order, (*policy)->id)));
  draft.erase(**policy);
  renumber(draft, order, nullptr);
  return (*policy)->id;
}

Outcome<Id> set_default_verdict(Draft& draft, Verdict verdict) {
  const Verdict before = draft.directory.settings().default_verdict;
  if (verdict == before) return 0;
  Settings settings = draft.directory.settings();
  settings.default_verdict = verdict;
  draft.put(settings);
  draft.tell("policy.default", "default",
             {{"from", to_string(before)}, {"to", to_string(verdict)}});
  return 0;
}

const char* state_of(const Policy& policy, Timestamp now) {
  if (policy.from && now < *policy.from) return "waiting";
  if (policy.until && now >= *policy.until) return "over";
  return "active";
}

}  // namespace oneping::control
