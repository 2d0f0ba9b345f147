#include "control/answers.h"

namespace oneping::control {

namespace {
constexpr std::uint32_t kMaxPage = 1000;
}  // namespace

Answer answers(const std::string& component) { return {200, schema::component(component)}; }
Answer makes(const std::string& component) { return {201, schema::component(component)}; }
Answer deletes() { return {204, nullptr}; }

Answer lists(const std::string& component) {
  return {200,
          {{"type", "object"},
           {"additionalProperties", false},
           {"properties",
            {{"items", schema::list_of(schema::component(component))},
             {"next", schema::nullable(schema::text())}}},
           {"required", {"items", "next"}}}};
}

FieldInfo answered(const char* name, Json schema, const char* help) {
  return {name, Use::answer, std::move(schema), help};
}

ApiResponse respond(const Json& body, int status) {
  ApiResponse response;
  response.status = status;
  response.body = to_text(body);
  return response;
}

Outcome<ApiResponse> change_and_delete(const Call& call, const Control::Planner& planner) {
  const auto id = call.control.change(call.caller.actor, planner);
  if (!id) return refusal_of(id);
  ApiResponse response;
  response.status = 204;
  return response;
}

Outcome<Page> page_of(const PageInput& input) {
  Page page;
  if (input.limit) {
    if (*input.limit < 1 || *input.limit > kMaxPage) {
      return invalid("limit", "limit must be from 1 to 1000");
    }
    page.limit = *input.limit;
  }
  if (input.after) {
    page.after = id_in(*input.after);
    if (*page.after == 0)
      return invalid("after", in_quotes(*input.after) + " is the next of no page");
  }
  return page;
}

}  // namespace oneping::control
