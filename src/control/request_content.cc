#include "control/request_content.h"

#include <algorithm>
#include <cctype>

#include "control/json_text.h"
#include "control/names.h"
#include "control/problem.h"

namespace oneping::control {

namespace {

constexpr std::size_t kMaxBody = 1 << 20;

// A parameter of the query as the JSON value that it stands for.
Json query_value(const std::string& text, const Json& schema) {
  const auto is_of = [&](const char* type) {
    return schema.contains("type") && schema["type"] == type;
  };
  if (is_of("integer") && is_number(text) && text.size() <= 18) {
    return static_cast<std::uint64_t>(std::stoull(text));
  }
  if (is_of("boolean") && (text == "true" || text == "false")) return text == "true";
  return text;
}

Outcome<Json> query_of(const ApiRequest& request, const Endpoint& endpoint) {
  Json query = Json::object();
  for (const auto& parameter : request.query) {
    const auto& name = parameter.first;
    const auto& value = parameter.second;
    const auto known = std::find_if(endpoint.query.begin(), endpoint.query.end(),
                                    [&](const FieldInfo& field) { return field.name == name; });
    if (known == endpoint.query.end()) {
      return malformed(name, "there is no query parameter " + in_quotes(name) + " here");
    }
    if (query.contains(name)) return malformed(name, name + " is there twice in the query");
    query[name] = query_value(value, known->schema);
  }
  return query;
}

tl::expected<Json, ApiResponse> body_of(const ApiRequest& request, const Endpoint& endpoint) {
  const auto refuse_with = [](int status, const char* detail) {
    return tl::make_unexpected(problem(status, detail));
  };
  if (request.body.size() > kMaxBody) return refuse_with(413, "a body has at most 1 MiB");
  if (request.body.empty()) return Json::object();
  // Programs that always send an object need make no exception.
  if (endpoint.body.empty() && request.body != "{}") {
    return refuse_with(400, "no body is taken here");
  }
  if (!is_json(request.content_type)) {
    return refuse_with(415, "the body must be application/json, by its Content-Type");
  }
  auto body = parse_json(request.body);
  if (!body) return tl::make_unexpected(problem_of(body.error()));
  return std::move(*body);
}

}  // namespace

// RFC 9110, 8.3.1: parameters do not matter here.
bool is_json(std::string_view content_type) {
  constexpr std::string_view kJson = "application/json";
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return content_type.size() == kJson.size() &&
         std::equal(kJson.begin(), kJson.end(), content_type.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

tl::expected<RequestContent, ApiResponse> content_of(const ApiRequest& request,
                                                     const Endpoint& endpoint) {
  RequestContent content;
  auto query = query_of(request, endpoint);
  if (!query) return tl::make_unexpected(problem_of(query.error()));
  content.query = std::move(*query);
  auto body = body_of(request, endpoint);
  if (!body) return tl::make_unexpected(std::move(body.error()));
  content.body = std::move(*body);
  return content;
}

}  // namespace oneping::control
