// A control plane with its API over a store in memory and an edge that only remembers what it was
// told, at a time of day that the test sets.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "control/api.h"
#include "control/control.h"
#include "control/testing/memory_store.h"

namespace oneping::control::testing {

class FakeEdge final : public RunningEdge {
 public:
  Result<void> apply(edge::Snapshot snapshot) override {
    if (is_busy) return fail("the loop is busy");
    const std::lock_guard lock(mutex_);
    applied.push_back(std::move(snapshot));
    return {};
  }
  std::optional<std::vector<edge::TunnelStatus>> tunnels() override {
    if (is_busy) return std::nullopt;
    return status;
  }
  std::optional<std::vector<edge::DeviceSessionStatus>> sessions() override {
    if (is_busy) return std::nullopt;
    return live_sessions;
  }
  std::optional<std::size_t> flows() override {
    if (is_busy) return std::nullopt;
    return 3;
  }

  Result<edge::PathCheckRef> start_path(edge::PathQuestion question) override {
    if (is_busy) return fail("the loop is busy");
    questions.push_back(question);
    ++paths;
    return edge::PathCheckRef{};
  }
  Result<edge::PathReport> path_report(edge::PathCheckRef) override {
    if (is_busy) return fail("the loop is busy");
    return path;
  }
  void stop_path(edge::PathCheckRef) override { --paths; }

  bool is_busy = false;
  edge::PathReport path;
  std::vector<edge::PathQuestion> questions;
  int paths = 0;  // that run
  std::vector<edge::Snapshot> applied;
  std::vector<edge::TunnelStatus> status;
  std::vector<edge::DeviceSessionStatus> live_sessions;

 private:
  std::mutex mutex_;
};

struct World {
  World() {
    log::set_level(log::Level::off);
    open();
  }

  // As at a start of the edge with this store.
  void open() {
    api.reset();
    control.reset();
    auto opened = Control::open(
        {.edge = {.name = "edge1",
                  .version = "1.2.3",
                  .listen = {"192.0.2.1:7844"},
                  .ca_pin = {1, 2, 3}},
         .now = [this] { return now; },
         .clock = [] { return Time{}; },
         .backup_folder = "/nowhere",
         .resolve = [this](const std::string& name) -> Result<std::vector<IpAddress>> {
           const auto known = names.find(name);
           if (known == names.end()) return fail("no such name");
           return known->second;
         }},
        store, edge, random);
    control = std::move(*opened);
    control->start();
    api = std::make_unique<Api>(*control);
  }

  ApiResponse ask(const std::string& method, const std::string& path, const Json& body = nullptr,
                  std::multimap<std::string, std::string> query = {}) {
    ApiRequest request;
    request.method = method;
    request.path = "/api/v1" + path;
    request.query = std::move(query);
    if (!body.is_null()) {
      request.content_type = "application/json";
      request.body = to_text(body);
    }
    request.peer = "uid 0 (root)";
    return api->handle(request);
  }

  // The answer's JSON; null if it has none.
  Json json(const std::string& method, const std::string& path, const Json& body = nullptr,
            std::multimap<std::string, std::string> query = {}) {
    const Json answer = Json::parse(ask(method, path, body, std::move(query)).body, nullptr, false);
    return answer.is_discarded() ? Json(nullptr) : answer;
  }

  std::map<std::string, std::vector<IpAddress>> names;  // that resolve
  Timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  MemoryStore store;
  FakeEdge edge;
  SeededRandom random{1};
  std::unique_ptr<Control> control;
  std::unique_ptr<Api> api;
};

}  // namespace oneping::control::testing
