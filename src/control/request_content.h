// What a request carries, as JSON that an endpoint can read the fields of.
#pragma once

#include "control/endpoint.h"

namespace oneping::control {

struct RequestContent {
  Json query = Json::object();
  Json body = Json::object();  // an absent one is empty: what is missing in it is found later
};

// Or the answer to who has sent something else. Fields are not looked at but for the query's names.
[[nodiscard]] tl::expected<RequestContent, ApiResponse> content_of(const ApiRequest& request,
                                                                   const Endpoint& endpoint);

}  // namespace oneping::control
