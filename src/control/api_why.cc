// /why and /path: where a way dies, once and as it goes on.
#include <thread>

#include "control/answers.h"
#include "control/path_stream.h"

namespace oneping::control {

namespace {

using namespace std::chrono_literals;

// One answer takes three quick rounds; and as long as a neighbour that does not answer keeps a
// kernel waiting before it says so.
constexpr unsigned kRounds = 3;
constexpr Duration kRoundInterval = 300ms;
constexpr Duration kLongest = 15s;
constexpr Duration kBeat = 50ms;
constexpr Duration kStreamInterval = 1s;

Query<WhyInput> why_query() {
  return {{
      field<WhyInput>("to", Use::required, &WhyInput::to,
                      "an address or a name, perhaps with a port: `10.1.2.3:443`, "
                      "`[fd00::3]:53/udp`"),
      field<WhyInput>("port", Use::optional, &WhyInput::port,
                      "of the destination, to be tried too: `443`, `53/udp`"),
      field<WhyInput>("from", Use::optional, &WhyInput::from,
                      "a device; the edge itself if not given"),
      field<WhyInput>("vnet", Use::optional, &WhyInput::vnet,
                      "the device's, or `default`, if not given"),
  }};
}

// Nothing behind what fails is worth waiting for.
bool is_settled(const WhyFacts& facts, const WhyAnswer& answer) {
  const std::string last = answer.evidence.empty() ? "" : answer.evidence.back().check;
  const bool is_measured = last == "path" || last == "size" || last == "port" || answer.reachable ||
                           (last == "connector" && facts.asks_for_port);
  if (!is_measured) return true;
  return facts.path && facts.path->is_complete;
}

Outcome<ApiResponse> say_why(const Call& call, const WhyInput& input) {
  const auto diagnosis = Diagnosis::start(call.control, input, kRoundInterval, kRounds);
  if (!diagnosis) return refusal_of(diagnosis);
  for (Duration waited{};; waited += kBeat) {
    const auto facts = (*diagnosis)->facts();
    if (!facts) return refusal_of(facts);
    const WhyAnswer answer = why(*facts);
    if (is_settled(*facts, answer) || waited >= kLongest) {
      Json json = show_why(answer);
      json["to"] = *input.to;
      json["address"] = facts->address ? Json(facts->address->to_string()) : Json(nullptr);
      json["hops"] = Json::array();
      if (facts->path) {
        for (const edge::HopReport& hop : facts->path->hops) json["hops"].push_back(show_hop(hop));
      }
      return respond(json);
    }
    std::this_thread::sleep_for(kBeat);
  }
}

Outcome<ApiResponse> watch_path(const Call& call, const WhyInput& input) {
  auto diagnosis = Diagnosis::start(call.control, input, kStreamInterval, std::nullopt);
  if (!diagnosis) return refusal_of(diagnosis);
  ApiResponse response;
  response.content_type = "text/event-stream";
  response.events = std::make_unique<PathStream>(std::move(*diagnosis));
  return response;
}

std::vector<FieldInfo> evidence_answer() {
  return {
      answered("check", schema::text(), "what was looked at"),
      answered("outcome", schema::one_of({"ok", "bad", "unknown"}), "how it is"),
      answered("detail", schema::text(), "a sentence"),
  };
}

std::vector<FieldInfo> legs_answer() {
  const Json time = schema::nullable(schema::number());
  return {
      answered("device_edge_ms", time, "round trip between device and edge"),
      answered("edge_connector_ms", time, "between edge and connector"),
      answered("connector_host_ms", time, "what remains of the whole"),
  };
}

std::vector<FieldInfo> hop_answer() {
  const Json time = schema::nullable(schema::number());
  return {
      answered("ttl", schema::integer(), "1: the edge"),
      answered("address", schema::nullable(schema::text()), "who answers; null: nobody"),
      answered("name", schema::nullable(schema::text()), "of that address"),
      answered("role", schema::one_of({"edge", "connector", "router", "destination"}),
               "what it is"),
      answered("sent", schema::integer(), "probes"),
      answered("lost", schema::integer(), "of them"),
      answered("last_ms", time, "the last round trip"),
      answered("best_ms", time, "the shortest"),
      answered("avg_ms", time, "the average"),
      answered("worst_ms", time, "the longest"),
      answered("jitter_ms", time, "the average difference between two"),
  };
}

std::vector<FieldInfo> why_answer() {
  return {
      answered("to", schema::text(), "as it was asked"),
      answered("address", schema::nullable(schema::text()), "that it is"),
      answered("reachable", schema::boolean(), "is it"),
      answered("cause", schema::text(), "a word: `reachable`, `policy_denied`, `no_route`, …"),
      answered("verdict", schema::text(), "a sentence"),
      answered("fix", schema::nullable(schema::text()), "what to do; null: nothing"),
      answered("evidence", schema::list_of(answer_schema(evidence_answer())),
               "in the order of the way"),
      answered("legs", answer_schema(legs_answer()), "of the way, where they are known"),
      answered("hops", schema::list_of(answer_schema(hop_answer())), "from the edge on"),
  };
}

}  // namespace

void add_why_endpoints(Endpoints& endpoints) {
  endpoints.define("Why", answer_schema(why_answer()));
  endpoints.add({"GET", "/why", "Says whether a destination is reachable, and where it dies if not",
                 Access::read, answers("Why")},
                why_query(), say_why);
  endpoints.add({"GET",
                 "/path",
                 "Streams hops, pings and the verdict of a path, measured from the edge",
                 Access::read,
                 {200, schema::text(), "text/event-stream"}},
                why_query(), watch_path);
}

}  // namespace oneping::control
