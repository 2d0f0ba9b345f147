#include "admin/commands.h"
#include "admin/parse.h"
#include "admin/policy_columns.h"
#include "admin/policy_trials.h"

namespace oneping::admin {

namespace {

Parse as_subject(const std::string& kind) {
  return [kind](const std::string& text) -> Result<Json> {
    auto name = parse_text(text);
    if (!name) return name;
    return Json(kind + ":" + name->get<std::string>());
  };
}

// A new policy is made in its place, so that it never judges from another.
Result<int> add_policy(const Session& session, Json fields) {
  const Json before = take(fields, "before");
  const Json after = take(fields, "after");
  const Json& neighbour = before.is_null() ? after : before;
  if (!neighbour.is_null()) {
    const auto policy =
        session.api.call(request_of("GET /policies/{policy}", {{"policy", neighbour}}));
    if (!policy) return tl::make_unexpected(policy.error());
    const Json& position = field_of(*policy, "position");
    if (!position.is_number_unsigned()) return fail("the API tells no position of the policy");
    fields["position"] = position.get<std::size_t>() + (before.is_null() ? 1 : 0);
  }
  const auto policy = session.api.call(request_of("POST /policies", fields));
  if (!policy) return policy.map([](const Json&) { return 0; });
  print_done(session.format, *policy, "Made policy {name} at position {position}: {verdict}.",
             *policy);
  return 0;
}

Result<int> list_policies(const Session& session, const Json& limit) {
  const auto policies = session.api.list({"GET", "/policies", {}, {}},
                                         limit.is_null() ? kAll : limit.get<std::size_t>());
  if (!policies) return tl::make_unexpected(policies.error());
  print_items(session.format, *policies, policy_columns(), "policies");
  if (session.format == Format::json) return 0;
  const auto rest = session.api.call({"GET", "/policies/default", {}, {}});
  if (!rest) return tl::make_unexpected(rest.error());
  print_note(filled("Where no policy matches: {verdict}.", *rest));
  return 0;
}

Result<int> default_verdict(const Session& session, Json fields) {
  const std::string method = fields.empty() ? "GET" : "PUT";
  const auto verdict = session.api.call(request_of(method + " /policies/default", fields));
  if (!verdict) return tl::make_unexpected(verdict.error());
  print_done(session.format, *verdict, "Where no policy matches: {verdict}.", *verdict);
  return 0;
}

void add_add_command(const Noun& policy) {
  policy
      .command("add", "Make a policy",
               "oneping policy add ops-ping --allow --group ops --to 172.16.10.0/24 --icmp")
      .argument("NAME", "name", "what to call it")
      .flag("--allow", "verdict", "what it matches may pass", "allow")
      .flag("--deny", "verdict", "what it matches may not pass", "deny")
      .list_option("--user", "who", "USER", "matches what this user sends", as_subject("user"))
      .list_option("--group", "who", "GROUP", "... or someone in this group", as_subject("group"))
      .list_option("--device", "who", "DEVICE", "... or this device", as_subject("device"))
      .list_option("--tag", "who", "TAG", "... or a device with this tag", as_subject("tag"))
      .list_option("--to", "to", "PREFIX", "... to these destinations (default everywhere)")
      .option("--vnet", "vnet", "VNET", "... in this virtual network (default all)")
      .flag("--icmp", "protocol", "... and is ICMP (default all protocols)", "icmp")
      .flag("--udp", "protocol", "... and is UDP", "udp")
      .list_option("--port", "ports", "PORT", "... to this port, or a range as 1000-2000",
                   parse_ports)
      .option("--from", "from", "TIME", "from when on it holds (default now)", parse_time_ahead)
      .option("--until", "until", "TIME", "until when: 24h, 2026-12-31, ... (default for ever)",
              parse_time_ahead)
      .option("--position", "position", "N", "its place in the order (default last)", parse_number)
      .option("--before", "before", "POLICY", "its place is before this one")
      .option("--after", "after", "POLICY", "its place is after this one")
      .option("--comment", "comment", "TEXT", "why it is there")
      .exactly_one({"--allow", "--deny"})
      .at_most_one({"--icmp", "--udp"})
      .only_with("--port", "--udp")
      .at_most_one({"--position", "--before", "--after"})
      .runs(add_policy);
}

}  // namespace

void add_policy_commands(CLI::App& app, Action& action) {
  const Noun policy(app, action, "policy", "Policies: who may reach what; the first match decides");

  add_add_command(policy);

  policy
      .command("list", "List policies in the order in which they are asked", "oneping policy list")
      .option("--limit", "limit", "N", "at most so many", parse_number)
      .runs([](const Session& session, const Json& fields) {
        return list_policies(session, field_of(fields, "limit"));
      });

  policy.command("info", "Show a policy", "oneping policy info ops-ping")
      .argument("POLICY", "policy", "the policy")
      .shows("GET /policies/{policy}", policy_columns());

  policy
      .command("move", "Put a policy in another place of the order",
               "oneping policy move ops-ping --before deny-all")
      .argument("POLICY", "policy", "the policy")
      .option("--position", "position", "N", "its new place: 1 is asked first", parse_number)
      .option("--before", "before", "POLICY", "before this one")
      .option("--after", "after", "POLICY", "after this one")
      .exactly_one({"--position", "--before", "--after"})
      .asks("POST /policies/{policy}/move", "Policy {policy} is moved.");

  policy.command("delete", "Delete a policy", "oneping policy delete ops-ping")
      .argument("POLICY", "policy", "the policy")
      .asks("DELETE /policies/{policy}", "Deleted policy {policy}.");

  policy
      .command("default", "Show or set the verdict where no policy matches",
               "oneping policy default deny")
      .optional_argument("allow|deny", "verdict", "the new verdict")
      .runs(default_verdict);

  add_policy_trials(policy);
}

}  // namespace oneping::admin
