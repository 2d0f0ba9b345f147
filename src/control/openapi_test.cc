#include "control/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "control/testing/checked_api.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;
using testing::openapi;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// "/tunnels/{tunnel}" with an example for each parameter.
std::string example_of(std::string path) {
  const std::pair<const char*, const char*> kExamples[] = {
      {"{tunnel}", "office"}, {"{route}", "56"},  {"{vnet}", "lab"},      {"{user}", "alice"},
      {"{group}", "staff"},   {"{key}", "key1"},  {"{device}", "laptop"}, {"{policy}", "last"},
      {"{api-token}", "ci"},  {"{session}", "1"},
  };
  for (const auto& [parameter, example] : kExamples) {
    const auto found = path.find(parameter);
    if (found != path.npos) path.replace(found, std::string(parameter).size(), example);
  }
  return path;
}

template <typename Visit>
void for_each_operation(Visit visit) {
  for (const auto& [path, item] : openapi()["paths"].items()) {
    for (const auto& [method, operation] : item.items()) visit(upper(method), path, operation);
  }
}

TEST(OpenApi, EveryOperationIsAnswered) {
  std::size_t operations = 0;
  for_each_operation([&](const std::string& method, const std::string& path, const Json&) {
    FurnishedWorld world;
    const std::string example = example_of(path);
    EXPECT_EQ(example.find('{'), std::string::npos) << "no example for " << path;
    const int status = world.ask(method, example).status;
    if (path != "/groups/{group}/members/{user}" && method != "POST") {
      EXPECT_NE(status, 404) << method << " " << path;
    }
    EXPECT_NE(status, 405) << method << " " << path;
    EXPECT_LT(status, 500) << method << " " << path;
    ++operations;
  });
  EXPECT_EQ(operations, all_endpoints().list().size());
}

TEST(OpenApi, EveryEndpointIsInIt) {
  for (const Endpoint& endpoint : all_endpoints().list()) {
    std::string method = endpoint.method;
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    ASSERT_TRUE(openapi()["paths"].contains(endpoint.path)) << endpoint.path;
    EXPECT_TRUE(openapi()["paths"][endpoint.path].contains(method)) << method << endpoint.path;
  }
}

TEST(OpenApi, OperationsAreComplete) {
  std::set<std::string> ids;
  for_each_operation([&](const std::string& method, const std::string& path,
                         const Json& operation) {
    const std::string what = method + " " + path;
    EXPECT_TRUE(ids.insert(operation["operationId"]).second) << what;
    EXPECT_FALSE(operation["summary"].get<std::string>().empty()) << what;
    EXPECT_TRUE(operation["responses"].contains("default")) << what;
    EXPECT_EQ(operation["responses"].size(), 2u) << what;
    std::set<std::string> parameters;
    for (const Json& parameter : operation.value("parameters", Json::array())) {
      EXPECT_TRUE(parameters.insert(parameter["name"]).second) << what;
      EXPECT_FALSE(parameter["description"].get<std::string>().empty()) << what;
    }
    for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
      EXPECT_TRUE(parameters.contains(path.substr(at + 1, path.find('}', at) - at - 1))) << what;
    }
    if (method == "GET" || method == "DELETE") {
      EXPECT_FALSE(operation.contains("requestBody")) << what;
    }
  });
}

// Every reference in it leads somewhere, and every part is referred to.
TEST(OpenApi, ReferencesResolve) {
  std::set<std::string> used;
  const std::function<void(const Json&)> walk = [&](const Json& json) {
    if (json.is_object() && json.contains("$ref")) {
      const auto ref = json["$ref"].get<std::string>();
      ASSERT_TRUE(ref.starts_with("#/"));
      EXPECT_TRUE(openapi().contains(Json::json_pointer(ref.substr(1)))) << ref;
      used.insert(ref);
    }
    if (json.is_structured()) {
      for (const Json& member : json) walk(member);
    }
  };
  walk(openapi());
  for (const auto& [name, schema] : openapi()["components"]["schemas"].items()) {
    EXPECT_TRUE(used.contains("#/components/schemas/" + name)) << name;
  }
}

TEST(OpenApi, FieldsHaveWordsAndTypes) {
  const std::function<void(const Json&, const std::string&)> walk = [&](const Json& schema,
                                                                        const std::string& where) {
    EXPECT_TRUE(schema.contains("type") || schema.contains("$ref") || schema.contains("oneOf"))
        << where;
    if (schema.contains("items")) walk(schema["items"], where + "[]");
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, property] : properties.items()) {
      walk(property, where + "." + name);
    }
  };
  for (const auto& [name, schema] : openapi()["components"]["schemas"].items()) walk(schema, name);
}

// What the schema of a request says is what the API does: required fields, and no others than
// known.
TEST(OpenApi, RequestsAreJudgedByTheirSchema) {
  for_each_operation(
      [&](const std::string& method, const std::string& path, const Json& operation) {
        if (!operation.contains("requestBody")) return;
        const Json& schema = operation["requestBody"]["content"]["application/json"]["schema"];
        const std::string what = method + " " + path;
        FurnishedWorld world;
        const Json unknown = world.json(method, example_of(path), {{"unheard-of", 1}});
        EXPECT_EQ(unknown["status"], 400) << what;
        EXPECT_EQ(unknown["field"], "unheard-of") << what;
        for (const auto& [name, property] : schema["properties"].items()) {
          const Json wrong = world.json(method, example_of(path), {{name, {{"a", "b"}}}});
          EXPECT_EQ(wrong["status"], 400) << what << " " << name;
        }
        if (schema.contains("required")) {
          EXPECT_TRUE(operation["requestBody"]["required"]) << what;
          const Json empty = world.json(method, example_of(path), Json::object());
          EXPECT_EQ(empty["status"], 400) << what;
          EXPECT_EQ(empty["field"], schema["required"][0]) << what;
        }
      });
}

}  // namespace
}  // namespace oneping::control
