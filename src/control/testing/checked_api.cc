#include "control/testing/checked_api.h"

#include "control/path_pattern.h"
#include "control/testing/json_schema.h"
#include "quic/crypto.h"

namespace oneping::control::testing {

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The operation that answers; null if there is none.
Json operation_of(const std::string& method, const std::string& path) {
  Json found;
  std::size_t least = 100;
  for (const auto& [pattern, item] : openapi()["paths"].items()) {
    const auto parameters = PathPattern(pattern).match(segments_of(path));
    if (!parameters || parameters->size() >= least) continue;
    least = parameters->size();
    found = item.contains(lower(method)) ? item[lower(method)] : Json();
  }
  return found;
}

std::string broken_problem(const ApiResponse& response, const Json& body) {
  if (response.content_type != "application/problem+json") return "it is no problem+json";
  if (body.value("status", 0) != response.status) return "its status is another";
  return violation(body, openapi()["components"]["schemas"]["Problem"], openapi());
}

}  // namespace

FurnishedWorld::FurnishedWorld() {
  const std::vector<Change> devices{
      Device{.id = 50, .name = "laptop", .tags = {"mobile"}, .created = now},
      Device{.id = 51, .name = "lost", .revoked = true, .created = now},
      Device{.id = 52, .name = "tun", .kind = DeviceKind::ingress, .created = now},
  };
  (void)store.commit(devices, {.action = "test"});
  open();
  (void)ask("POST", "/tunnels", {{"name", "office"}, {"comment", "Büro"}});
  (void)ask("POST", "/tunnels/office/token");
  (void)ask("POST", "/tunnels", {{"name", "home"}});
  (void)ask("POST", "/vnets", {{"name", "lab"}});
  (void)ask("POST", "/routes", {{"prefix", "10.0.0.0/8"}, {"tunnel", "office"}});
  (void)ask("POST", "/routes", {{"prefix", "10.1.0.0/16"}, {"tunnel", "office"}, {"vnet", "lab"}});
  (void)ask("POST", "/users", {{"name", "alice"}});
  (void)ask("POST", "/users", {{"name", "bob@example.org"}});
  (void)ask("PATCH", "/devices/laptop", {{"user", "alice"}, {"vnet", "lab"}});
  (void)ask("POST", "/groups", {{"name", "staff"}, {"members", {"alice"}}});
  (void)ask("POST", "/groups", {{"name", "guests"}});
  (void)ask("POST", "/keys", {{"name", "key1"}, {"tags", {"mobile"}}});
  (void)ask("POST", "/api-tokens", {{"name", "ci"}});
  (void)ask("POST", "/policies",
            {{"name", "staff-ping"}, {"verdict", "allow"}, {"who", {"group:staff"}}});
  (void)ask("POST", "/policies",
            {{"name", "no-dns"}, {"verdict", "deny"}, {"to", {"10.0.0.0/8"}}, {"ports", {53}}});
  SignIn session;
  session.role = Role::admin;
  session.actor = "link of uid 0 (root)";
  (void)control->sign_ins().begin(quic::sha256(Secret{}), session, now);
  (void)ask("POST", "/policies", {{"name", "last"}, {"verdict", "deny"}, {"who", {"tag:mobile"}}});
}

const Json& openapi() {
  static const Json kDocument = World().json("GET", "/openapi.json");
  return kDocument;
}

std::string broken_promise(const std::string& method, const std::string& path,
                           const ApiResponse& response) {
  if (response.status == 204) return response.body.empty() ? "" : "a body with 204";
  const Json body = Json::parse(response.body, nullptr, false);
  if (response.status >= 400) return broken_problem(response, body);
  const Json operation = operation_of(method, path);
  if (operation.is_null()) return "the document does not know it";
  const std::string status = std::to_string(response.status);
  if (!operation["responses"].contains(status)) return "the document knows no status " + status;
  const Json& content = operation["responses"][status]["content"];
  if (!content.contains(response.content_type)) {
    return "the document knows no " + response.content_type;
  }
  if (response.content_type != "application/json") return {};
  return violation(body, content[response.content_type]["schema"], openapi());
}

}  // namespace oneping::control::testing
