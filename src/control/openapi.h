// The OpenAPI 3.1 document of the API, made of the same endpoints that answer.
#pragma once

#include <string>

#include "control/endpoint.h"

namespace oneping::control {

[[nodiscard]] Json openapi_document(const Endpoints& endpoints, const std::string& version);

}  // namespace oneping::control
