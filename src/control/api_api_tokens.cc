// /api-tokens: what lets programs use this API by TCP.
#include "control/api_tokens.h"
#include "control/collection.h"

namespace oneping::control {

namespace {

Fields<ApiTokenInput> token_fields() {
  return {
      answer<ApiTokenInput>("id", schema::integer(), "never used again"),
      field<ApiTokenInput>("name", Use::fixed_required, &ApiTokenInput::name,
                           "what the audit log calls who uses it"),
      field<ApiTokenInput>("role", Use::fixed, &ApiTokenInput::role, "`read` if not given"),
      field<ApiTokenInput>("expires", Use::fixed, &ApiTokenInput::expires, "null: never"),
      answer<ApiTokenInput>("created", schema::text("date-time"), "when it was made"),
      answer<ApiTokenInput>("token", schema::text(), "the secret, for who made it", Use::once),
  };
}

Json show_token(const ApiToken& token, const View& view) {
  return show_plain(token, view.directory);
}

}  // namespace

void add_api_token_endpoints(Endpoints& endpoints) {
  endpoints.define("ApiToken", answer_schema(token_fields().infos()));
  const Collection<ApiToken, ApiTokenInput> tokens{
      .path = "/api-tokens",
      .component = "ApiToken",
      .one = "an API token",
      .many = "API tokens",
      .fields = token_fields(),
      .show = show_token,
      .erase = delete_api_token,
  };
  add_list(endpoints, tokens);
  endpoints.add({"POST", "/api-tokens", "Makes an API token", Access::admin, makes("ApiToken")},
                Body<ApiTokenInput>{token_fields(), Purpose::make},
                [tokens](const Call& call, const ApiTokenInput& input) {
                  std::string text;
                  return change_and_show(
                      call, tokens,
                      [&](Draft& draft) { return create_api_token(draft, input, text); }, 201,
                      [&](Json& json) { json["token"] = text; });
                });
  add_show(endpoints, tokens);
  add_delete(endpoints, tokens);
}

}  // namespace oneping::control
