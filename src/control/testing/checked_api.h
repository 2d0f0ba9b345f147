// Asks the API and holds every answer to the OpenAPI document: a success must be as the operation
// says, a refusal must be a problem.
#pragma once

#include <map>
#include <string>

#include "control/testing/world.h"

namespace oneping::control::testing {

// A world with something of every kind in it, and an admin signed in whose cookie's secret is zero.
struct FurnishedWorld : World {
  FurnishedWorld();
};

// What of an answer is not as the document says; empty if nothing is. `path` as in a request,
// without /api/v1.
[[nodiscard]] std::string broken_promise(const std::string& method, const std::string& path,
                                         const ApiResponse& response);

// The document, as the API serves it.
[[nodiscard]] const Json& openapi();

}  // namespace oneping::control::testing
