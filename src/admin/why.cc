// `oneping why`: where a way dies, as the edge sees it.
#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

namespace {

Column latency() { return as_round_trip("Time", "avg_ms"); }

Column loss() {
  return {"Loss",
          [](const Json& hop) -> Cell {
            const double sent = field_of(hop, "sent").get<double>();
            const double lost = field_of(hop, "lost").get<double>();
            return sent > 0 ? std::to_string(static_cast<int>(100 * lost / sent)) + "%" : "-";
          },
          Align::right};
}

Column leg(const char* heading, const char* field) {
  return {heading, [field](const Json& answer) -> Cell {
            return as_round_trip("", field).cell(field_of(answer, "legs"));
          }};
}

void print_answer(const Json& answer) {
  print_line(words_of(field_of(answer, "verdict")));
  if (const Json& fix = field_of(answer, "fix"); !fix.is_null())
    print_line("Fix: " + words_of(fix));
  print_line("");
  static const Columns kEvidence = {in_words("Check", "check"), as_status("", "outcome"),
                                    in_words("What was seen", "detail")};
  print_table(table_of(kEvidence, field_of(answer, "evidence")));
  const Json& hops = field_of(answer, "hops");
  if (hops.empty()) return;
  print_line("");
  static const Columns kHops = {as_number("Hop", "ttl"), in_words("Role", "role"),
                                in_words("Address", "address"), latency(), loss()};
  print_table(table_of(kHops, hops));
  print_line("");
  static const Columns kLegs = {leg("Device to edge", "device_edge_ms"),
                                leg("Edge to connector", "edge_connector_ms"),
                                leg("Connector to host", "connector_host_ms")};
  print_table(card_of(kLegs, answer));
}

Result<int> say_why(const Session& session, Json fields) {
  const bool is_json = session.format == Format::json || take(fields, "json") == true;
  const auto answer = session.api.call(request_of("GET /why", std::move(fields)));
  if (!answer) return tl::make_unexpected(answer.error());
  is_json ? print_json(*answer) : print_answer(*answer);
  return field_of(*answer, "reachable") == true ? 0 : kExitFailed;
}

}  // namespace

void add_why_command(CLI::App& app, Action& action) {
  ApiCommand(
      app, action, "why",
      "Say whether a destination is reachable, and if not, where it dies and what to do; the "
      "exit code is 0 for reachable, 1 for not, 2 for an error",
      "oneping why 172.16.10.120 --from laptop")
      .argument("DEST", "to",
                "an address, or a name that the edge can resolve; with a port, that is tried too: "
                "10.1.2.3:443, [fd00::3]:53/udp")
      .option("--from", "from", "DEVICE", "for which device (default: the edge itself)")
      .option("--vnet", "vnet", "VNET", "in which virtual network")
      .flag("--json", "json", "the same as -o json")
      .fails_with(kExitUsage)
      .runs(say_why);
}

}  // namespace oneping::admin
