// /policies: who may reach what, in order, and what holds where none of them matches.
#include "control/collection.h"
#include "control/policies.h"

namespace oneping::control {

namespace {

Fields<PolicyInput> policy_fields() {
  return {
      answer<PolicyInput>("id", schema::integer(), "never used again"),
      field<PolicyInput>("name", Use::required, &PolicyInput::name, "what the flow log calls it"),
      field<PolicyInput>("who", Use::optional, &PolicyInput::who,
                         "user:NAME, group:NAME, device:NAME, tag:TAG; none: everybody"),
      field<PolicyInput>("to", Use::optional, &PolicyInput::to, "prefixes; none: everywhere"),
      field<PolicyInput>("vnet", Use::optional, &PolicyInput::vnet,
                         "a virtual network; null: all of them"),
      field<PolicyInput>("protocol", Use::optional, &PolicyInput::protocol, "null: all"),
      field<PolicyInput>("icmp_type", Use::optional, &PolicyInput::icmp_type,
                         "nothing else begins a flow"),
      field<PolicyInput>("ports", Use::optional, &PolicyInput::ports,
                         "of UDP, such as 53 or \"1000-2000\"; none: all"),
      field<PolicyInput>("from", Use::optional, &PolicyInput::from, "not in force before"),
      field<PolicyInput>("until", Use::optional, &PolicyInput::until, "not in force from then on"),
      field<PolicyInput>("verdict", Use::required, &PolicyInput::verdict, "on what it matches"),
      field<PolicyInput>("comment", Use::optional, &PolicyInput::comment, "for people"),
      field<PolicyInput>("position", Use::fixed, &PolicyInput::position,
                         "from 1 on, in the order in which they are asked; last if not given"),
      answer<PolicyInput>("created", schema::text("date-time"), "when it was made"),
      answer<PolicyInput>("state", schema::one_of({"active", "waiting", "over"}),
                          "in force, not yet, no more"),
  };
}

Json show_policy(const Policy& policy, const View& view) {
  Json json = show_plain(policy, view.directory);
  json["state"] = state_of(policy, view.now);
  return json;
}

Outcome<ApiResponse> list_policies(const Call& call, const PageInput& input) {
  const auto page = page_of(input);
  if (!page) return refusal_of(page);
  return look(call.control, Live::unasked, [&](const View& view) {
    std::map<Id, Id> by_position;
    for (const Id id : view.directory.policy_order()) {
      by_position.emplace(view.directory.policies().find(id)->position, id);
    }
    return respond(list_page(by_position, *page, kEverything, [&](Id id) {
      return show_policy(*view.directory.policies().find(id), view);
    }));
  });
}

Fields<MoveInput> move_fields() {
  return {
      field<MoveInput>("position", Use::optional, &MoveInput::position, "from 1 on"),
      field<MoveInput>("before", Use::optional, &MoveInput::before, "a policy"),
      field<MoveInput>("after", Use::optional, &MoveInput::after, "a policy"),
  };
}

struct DefaultInput {
  std::optional<Verdict> verdict;
};

Fields<DefaultInput> default_fields() {
  return {field<DefaultInput>("verdict", Use::required, &DefaultInput::verdict,
                              "on what no policy matches")};
}

Outcome<ApiResponse> show_default(const Call& call) {
  return look(call.control, Live::unasked, [](const View& view) {
    return respond({{"verdict", to_string(view.directory.settings().default_verdict)}});
  });
}

Outcome<ApiResponse> set_default(const Call& call, const DefaultInput& input) {
  const auto done = call.control.change(
      call.caller.actor, [&](Draft& draft) { return set_default_verdict(draft, *input.verdict); });
  if (!done) return refusal_of(done);
  return show_default(call);
}

}  // namespace

void add_policy_endpoints(Endpoints& endpoints) {
  endpoints.define("Policy", answer_schema(policy_fields().infos()));
  endpoints.define("DefaultVerdict", answer_schema(default_fields().infos()));
  const Collection<Policy, PolicyInput> policies{
      .path = "/policies",
      .component = "Policy",
      .one = "a policy",
      .many = "policies",
      .fields = policy_fields(),
      .show = show_policy,
      .create = create_policy,
      .update = update_policy,
      .erase = delete_policy,
  };
  endpoints.add({"GET", "/policies", "Lists policies by position", Access::read, lists("Policy")},
                page_query<PageInput>(), list_policies);
  add_create(endpoints, policies);
  add_show(endpoints, policies);
  add_update(endpoints, policies);
  add_delete(endpoints, policies);
  endpoints.add({"POST", policies.path_of_one("/move"), "Moves a policy to another position",
                 Access::admin, answers("Policy")},
                Body<MoveInput>{move_fields(), Purpose::make},
                [policies](const Call& call, const MoveInput& input) {
                  return change_and_show(call, policies, [&](Draft& draft) {
                    return move_policy(draft, call.parameter(), input);
                  });
                });
  endpoints.add({"GET", "/policies/default", "Shows the verdict on what no policy matches",
                 Access::read, answers("DefaultVerdict")},
                show_default);
  endpoints.add({"PUT", "/policies/default", "Sets the verdict on what no policy matches",
                 Access::admin, answers("DefaultVerdict")},
                Body<DefaultInput>{default_fields(), Purpose::make}, set_default);
}

}  // namespace oneping::control
