// Random requests, most of which make sense: whatever comes, nothing refers to what is not, the
// store agrees with memory, and the edge's snapshot is what making it from nothing gives.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "control/endpoint.h"
#include "control/testing/checked_api.h"
#include "control/testing/invariants.h"

namespace oneping::control {
namespace {

using testing::broken_invariant;
using testing::broken_promise;
using testing::FurnishedWorld;

// Few names, so that requests meet.
std::string some_name() {
  return *rc::gen::element<std::string>("office", "home", "lab", "alice", "staff", "laptop", "last",
                                        "no-dns", "key1", "ci", "a", "b", "c");
}

std::string some_prefix() {
  return *rc::gen::element<std::string>("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "fd00::/8",
                                        "192.0.2.1", "0.0.0.0/0");
}

std::string some_time(const FurnishedWorld& world) {
  return timestamp_text(world.now + std::chrono::minutes(*rc::gen::inRange(-5, 30)));
}

Json some_value(const std::string& field, const FurnishedWorld& world) {
  if (*rc::gen::inRange(0, 12) == 0) return nullptr;
  const auto who = [&] {
    return *rc::gen::element<std::string>("user:", "group:", "device:", "tag:") + some_name();
  };
  if (field == "prefix") return some_prefix();
  if (field == "to") return Json::array({some_prefix()});
  if (field == "who") return Json::array({who(), who()});
  if (field == "members") return Json::array({some_name()});
  if (field == "tags") return Json::array({some_name()});
  if (field == "ports") return Json::array({53, "1000-2000"});
  if (field == "protocol") return *rc::gen::element<std::string>("icmp", "udp");
  if (field == "verdict") return *rc::gen::element<std::string>("allow", "deny");
  if (field == "from" || field == "until" || field == "expires") return some_time(world);
  if (field == "position") return *rc::gen::inRange(0, 6);
  if (field == "grace_ms") return *rc::gen::inRange(0, 600'000);
  if (field == "role") return "admin";
  if (field == "reusable") return true;
  return some_name();
}

Json some_body(const Endpoint& endpoint, const FurnishedWorld& world) {
  Json body = Json::object();
  for (const FieldInfo& field : endpoint.body) {
    if (!is_accepted(field, endpoint.purpose)) continue;
    if (!is_required(field, endpoint.purpose) && *rc::gen::inRange(0, 3) != 0) continue;
    body[field.name] = some_value(field.name, world);
  }
  return body;
}

std::string some_path(std::string path) {
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{')) {
    const bool by_id = *rc::gen::inRange(0, 3) == 0 || path.starts_with("/routes");
    const std::string name = by_id ? std::to_string(*rc::gen::inRange(50, 90)) : some_name();
    path.replace(at, path.find('}') - at + 1, name);
  }
  return path;
}

RC_GTEST_PROP(ControlProperty, InvariantsHold, ()) {
  std::vector<const Endpoint*> changing;
  for (const Endpoint& endpoint : all_endpoints().list()) {
    if (std::string(endpoint.method) != "GET") changing.push_back(&endpoint);
  }
  FurnishedWorld world;
  const int requests = *rc::gen::inRange(1, 40);
  for (int i = 0; i < requests; ++i) {
    const Endpoint& endpoint = **rc::gen::elementOf(changing);
    const std::string path = some_path(endpoint.path);
    const Json body = endpoint.body.empty() ? Json() : some_body(endpoint, world);
    std::multimap<std::string, std::string> query;
    if (!endpoint.query.empty() && *rc::gen::arbitrary<bool>()) query.emplace("force", "true");
    const ApiResponse response = world.ask(endpoint.method, path, body, query);
    RC_LOG() << endpoint.method << " " << path << " " << to_text(body) << " -> " << response.status
             << "\n";
    RC_ASSERT(response.status < 500);
    RC_ASSERT(broken_promise(endpoint.method, path, response) == std::string());
    if (*rc::gen::inRange(0, 10) == 0) {
      world.now += std::chrono::minutes(*rc::gen::inRange(0, 10));
      world.control->on_time();
    }
    const auto deadline = world.control->next_deadline();
    RC_ASSERT(!deadline || *deadline > world.now);
    RC_ASSERT(broken_invariant(world) == std::string());
  }
  world.open();
  RC_ASSERT(broken_invariant(world) == std::string());
}

}  // namespace
}  // namespace oneping::control
