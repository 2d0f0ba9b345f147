#include "admin/policy_trials.h"

#include "admin/expectations.h"
#include "admin/parse.h"

namespace oneping::admin {

namespace {

Column rule() {
  return {"Rule", [](const Json& answer) -> Cell {
            const Json& position = field_of(answer, "position");
            const std::string name = words_of(field_of(answer, "rule"));
            return position.is_null() ? name : name + ", at position " + words_of(position);
          }};
}

Column route() {
  return {"Route", [](const Json& answer) -> Cell {
            const Json& found = field_of(answer, "route");
            return found.is_null() ? "-" : filled("{prefix} in virtual network {vnet}", found);
          }};
}

Result<int> check(const Session& session, Json fields) {
  static const Columns kVerdict = {
      as_status("Verdict", "verdict"), rule(),
      in_words("Reason", "reason"),    route(),
      in_words("Tunnel", "tunnel"),    as_status("Tunnel status", "tunnel_status")};
  if (field_of(fields, "protocol").is_null()) fields["protocol"] = "icmp";
  const auto answer = session.api.call(request_of("POST /policies/check", std::move(fields)));
  if (!answer) return tl::make_unexpected(answer.error());
  print_card(session.format, *answer, kVerdict);
  return field_of(*answer, "verdict") == "allow" ? 0 : kExitFailed;
}

void print_failures(const Json& expectations, const Json& answer) {
  const Json& results = field_of(answer, "results");
  for (std::size_t i = 0; i < results.size() && i < expectations.size(); ++i) {
    if (field_of(results[i], "pass") == true) continue;
    const Json& wanted = field_of(expectations[i], "rule");
    const std::string by = wanted.is_null() ? "" : " by rule " + words_of(wanted);
    print_line(filled("FAIL {name}: expected {expect}", results[i]) + by +
               filled(", got {verdict} by rule {rule}: {reason}", results[i]));
  }
  print_line(filled("{passed} passed, {failed} failed", answer));
}

Result<int> test(const Session& session, Json fields) {
  const auto expectations = read_expectations(take(fields, "file").get<std::string>());
  if (!expectations) return tl::make_unexpected(expectations.error());
  const auto answer =
      session.api.call(request_of("POST /policies/test", {{"expectations", *expectations}}));
  if (!answer) return tl::make_unexpected(answer.error());
  session.format == Format::json ? print_json(*answer) : print_failures(*expectations, *answer);
  return field_of(*answer, "failed") == 0 ? 0 : kExitFailed;
}

}  // namespace

void add_policy_trials(const Noun& policy) {
  policy
      .command("check",
               "Say what would happen, and which policy decides; the exit code is 0 for "
               "allow, 1 for deny",
               "oneping policy check --user alice@example.net --to 172.16.10.120 --icmp")
      .option("--user", "user", "USER", "who sends, with the user's groups")
      .option("--device", "device", "DEVICE", "from which device, with its user, tags and network")
      .list_option("--group", "groups", "GROUP", "in which groups the sender is besides")
      .list_option("--tag", "tags", "TAG", "which tags the device has besides")
      .option("--to", "to", "ADDRESS", "the destination")
      .option("--vnet", "vnet", "VNET", "in which virtual network")
      .flag("--icmp", "protocol", "an echo request (the default)", "icmp")
      .flag("--udp", "protocol", "UDP", "udp")
      .option("--port", "port", "PORT", "the destination's port", parse_number)
      .option("--at", "at", "TIME", "when (default now)", parse_time_ahead)
      .at_least_one({"--to"})
      .at_most_one({"--icmp", "--udp"})
      .only_with("--port", "--udp")
      .only_with("--udp", "--port")
      .fails_with(kExitUsage)
      .runs(check);

  policy
      .command("test", "Try a file of expectations; the exit code is 0 if all are met, 1 if not",
               "oneping policy test policies.yml")
      .argument("FILE", "file",
                "YAML: a list of {name, user, device, groups, tags, to, vnet, "
                "icmp: true or udp: PORT, at, expect: allow or deny, rule}")
      .fails_with(kExitUsage)
      .runs(test);
}

}  // namespace oneping::admin
