// /status, /backup and /openapi.json: the edge itself.
#include "base/base64.h"
#include "control/answers.h"
#include "control/openapi.h"
#include "control/view.h"

namespace oneping::control {

namespace {

Json counts_by_health(const View& view) {
  Json counts = {{"healthy", 0}, {"degraded", 0}, {"down", 0}, {"inactive", 0}};
  for (const auto& [id, tunnel] : view.directory.tunnels().all()) {
    Json& count = counts[std::string(to_string(health_of(tunnel, view.live)))];
    count = count.get<int>() + 1;
  }
  return counts;
}

std::size_t connections_in(const LiveTunnels& live) {
  std::size_t connections = 0;
  for (const auto& [id, status] : live) connections += connections_of(status);
  return connections;
}

Outcome<ApiResponse> show_status(const Call& call) {
  const auto flows = call.control.flows();
  if (!flows) return refusal_of(flows);
  return look(call.control, Live::tunnels, [&](const View& view) {
    const EdgeFacts& facts = call.control.facts();
    const Directory& directory = view.directory;
    return respond({{"name", facts.name},
                    {"version", facts.version},
                    {"started", timestamp_text(call.control.started())},
                    {"uptime_ms", (view.now - call.control.started()).count()},
                    {"pin", "sha256:" + to_base64(facts.ca_pin)},
                    {"listen", facts.listen},
                    {"tunnels", counts_by_health(view)},
                    {"connections", connections_in(view.live)},
                    {"routes", directory.routes().size()},
                    {"policies", directory.policies().size()},
                    {"devices", directory.devices().size()},
                    {"users", directory.users().size()},
                    {"flows", *flows},
                    {"default_verdict", to_string(directory.settings().default_verdict)}});
  });
}

std::vector<FieldInfo> status_answer() {
  const std::vector<FieldInfo> healths{
      answered("healthy", schema::integer(), "with all of their connections"),
      answered("degraded", schema::integer(), "with some"),
      answered("down", schema::integer(), "with none, but there were"),
      answered("inactive", schema::integer(), "never connected"),
  };
  return {
      answered("name", schema::text(), "of the edge"),
      answered("version", schema::text(), "of its software"),
      answered("started", schema::text("date-time"), "when"),
      answered("uptime_ms", schema::integer(), "since then"),
      answered("pin", schema::text(), "of its certificate authority: sha256:BASE64"),
      answered("listen", schema::list_of(schema::text()), "where connectors reach it"),
      answered("tunnels", answer_schema(healths), "how many are how"),
      answered("connections", schema::integer(), "of connectors, now"),
      answered("routes", schema::integer(), "how many"),
      answered("policies", schema::integer(), "how many"),
      answered("devices", schema::integer(), "how many"),
      answered("users", schema::integer(), "how many"),
      answered("flows", schema::integer(), "that it carries now"),
      answered("default_verdict", schema::one_of({"allow", "deny"}), "where no policy matches"),
  };
}

Outcome<ApiResponse> back_up(const Call& call) {
  auto path = call.control.backup();
  if (!path) return refusal_of(path);
  ApiResponse response;
  response.content_type = "application/vnd.sqlite3";
  response.file = std::move(*path);
  return response;
}

Outcome<ApiResponse> show_openapi(const Call& call) {
  return respond(openapi_document(all_endpoints(), call.control.facts().version));
}

}  // namespace

void add_status_endpoints(Endpoints& endpoints) {
  endpoints.define("Status", answer_schema(status_answer()));
  endpoints.add({"GET", "/status", "Shows how the edge is", Access::read, answers("Status")},
                show_status);
  endpoints.add({"GET",
                 "/backup",
                 "Hands out a consistent copy of the store",
                 Access::admin,
                 {200, {{"type", "string"}, {"format", "binary"}}, "application/vnd.sqlite3"}},
                back_up);
  endpoints.add(
      {"GET", "/openapi.json", "This document", Access::anyone, {200, {{"type", "object"}}}},
      show_openapi);
}

}  // namespace oneping::control
