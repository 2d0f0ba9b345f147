// What a request carries, as JSON that an endpoint can read the fields of.
#pragma once

#include <string_view>

#include "control/endpoint.h"

namespace oneping::control {

struct RequestContent {
  Json query = Json::object();
  Json body = Json::object();  // an absent one is empty: what is missing in it is found later
};

// Is it application/json, by its Content-Type?
[[nodiscard]] bool is_json(std::string_view content_type);

// Or the answer to who has sent something else. Fields are not looked at but for the query's names.
[[nodiscard]] tl::expected<RequestContent, ApiResponse> content_of(const ApiRequest& request,
                                                                   const Endpoint& endpoint);

}  // namespace oneping::control
