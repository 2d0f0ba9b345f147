#include "control/testing/api_case.h"

#include <gtest/gtest.h>

namespace oneping::control::testing {

void run(const std::vector<ApiCase>& cases) {
  for (const ApiCase& c : cases) {
    SCOPED_TRACE(std::string(c.name) + ": " + c.method + " " + c.path);
    FurnishedWorld world;
    ApiRequest request;
    request.method = c.method;
    request.path = std::string("/api/v1") + c.path;
    request.query = c.query;
    if (c.body != nullptr) {
      request.body = c.body;
      request.content_type = "application/json";
    }
    const ApiResponse response = world.api->handle(request);
    EXPECT_EQ(response.status, c.status) << response.body;
    EXPECT_NE(response.body.find(c.expected), std::string::npos) << response.body;
    EXPECT_EQ(broken_promise(c.method, c.path, response), "") << response.body;
    if (response.status < 400) continue;
    EXPECT_EQ(Json::parse(response.body).value("field", ""), c.field) << response.body;
  }
}

}  // namespace oneping::control::testing
