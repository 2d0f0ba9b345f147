#include "control/openapi.h"

#include <algorithm>
#include <cctype>

#include "control/path_pattern.h"

namespace oneping::control {

namespace {

Json problem_schema() {
  return {{"type", "object"},
          {"description", "RFC 9457"},
          {"additionalProperties", false},
          {"properties",
           {{"type", schema::text()},
            {"title", schema::text()},
            {"status", schema::integer()},
            {"detail", {{"type", "string"}, {"description", "what, why, what to do"}}},
            {"field", {{"type", "string"}, {"description", "which part is at fault"}}}}},
          {"required", {"type", "title", "status", "detail"}}};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "GET /tunnels/{tunnel}" becomes "getTunnelsTunnel".
std::string operation_id(const Endpoint& endpoint) {
  std::string id = lower(endpoint.method);
  bool begins_word = true;
  for (const char c : endpoint.path) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      begins_word = true;
      continue;
    }
    id += begins_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins_word = false;
  }
  return id;
}

Json parameters_of(const Endpoint& endpoint) {
  Json parameters = Json::array();
  for (const std::string& name : PathPattern(endpoint.path).parameters()) {
    const char* help = name == "route"    ? "id"
                       : name == "tunnel" ? "name, id or UUID"
                                          : "name or id";
    parameters.push_back({{"name", name},
                          {"in", "path"},
                          {"required", true},
                          {"description", help},
                          {"schema", schema::text()}});
  }
  for (const FieldInfo& field : endpoint.query) {
    parameters.push_back({{"name", field.name},
                          {"in", "query"},
                          {"required", is_required(field, Purpose::make)},
                          {"description", field.help},
                          {"schema", field.schema}});
  }
  return parameters;
}

Json responses_of(const Endpoint& endpoint) {
  const Answer& answer = endpoint.answer;
  Json done = {{"description", endpoint.answer.status == 204 ? "It is done" : endpoint.summary}};
  if (!answer.schema.is_null()) done["content"][answer.content_type]["schema"] = answer.schema;
  return {{std::to_string(answer.status), done},
          {"default", {{"$ref", "#/components/responses/Problem"}}}};
}

Json operation_of(const Endpoint& endpoint) {
  Json operation = {{"operationId", operation_id(endpoint)}, {"summary", endpoint.summary}};
  Json parameters = parameters_of(endpoint);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!endpoint.body.empty()) {
    const bool is_required_here =
        std::any_of(endpoint.body.begin(), endpoint.body.end(),
                    [&](const FieldInfo& field) { return is_required(field, endpoint.purpose); });
    operation["requestBody"] = {
        {"required", is_required_here},
        {"content",
         {{"application/json", {{"schema", request_schema(endpoint.body, endpoint.purpose)}}}}}};
  }
  operation["responses"] = responses_of(endpoint);
  switch (endpoint.access) {
    case Access::anyone: operation["security"] = Json::array(); break;
    case Access::read: operation["description"] = "Role read."; break;
    case Access::admin: operation["description"] = "Role admin."; break;
  }
  return operation;
}

}  // namespace

Json openapi_document(const Endpoints& endpoints, const std::string& version) {
  Json document = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "oneping control API"}, {"version", version}}},
      {"servers", {{{"url", "/api/v1"}}}},
      {"security", {{{"token", Json::array()}}}},
      {"paths", Json::object()},
      {"components", Json::object()},
  };
  for (const Endpoint& endpoint : endpoints.list()) {
    document["paths"][endpoint.path][lower(endpoint.method)] = operation_of(endpoint);
  }
  Json& components = document["components"];
  for (const auto& [name, schema] : endpoints.components()) components["schemas"][name] = schema;
  components["schemas"]["Problem"] = problem_schema();
  components["responses"]["Problem"] = {
      {"description", "It is refused, or failed"},
      {"content", {{"application/problem+json", {{"schema", schema::component("Problem")}}}}}};
  components["securitySchemes"]["token"] = {
      {"type", "http"},
      {"scheme", "bearer"},
      {"description", "By TCP. On the Unix socket nothing is needed."}};
  return document;
}

}  // namespace oneping::control
