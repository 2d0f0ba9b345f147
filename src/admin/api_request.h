// Requests written as people write them, "POST /tunnels/{tunnel}/token", and the fields that they
// are about.
#pragma once

#include <string>

#include "admin/api_client.h"
#include "admin/columns.h"

namespace oneping::admin {

// Fields in braces are taken out of `fields` into the path; the rest becomes the body, or the query
// where there is none (GET, DELETE).
[[nodiscard]] ApiCall request_of(const std::string& request, Json fields);

// Takes a field out of the object; null if it has none.
[[nodiscard]] Json take(Json& fields, const std::string& name);

}  // namespace oneping::admin
