// A change in the making: what it writes, and how the audit log will tell of it. The files of the
// kinds (tunnels.h, routes.h, …) fill it; nothing has happened until Control has carried it out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "control/describe.h"
#include "control/directory.h"
#include "control/outcome.h"

namespace oneping::control {

class Draft {
 public:
  // Both must outlive it.
  Draft(const Directory& known, Timestamp time, Random& generator)
      : directory(known), now(time), random(generator), last_id_(known.last_id()) {}

  const Directory& directory;
  const Timestamp now;
  Random& random;

  [[nodiscard]] Id new_id() { return ++last_id_; }

  // Writes that have no audit entry of their own.
  void put(Change change) { changes_.push_back(std::move(change)); }
  // What it does, for the audit log. Once.
  void tell(std::string action, std::string object, Json detail = Json::object()) {
    action_ = std::move(action);
    object_ = std::move(object);
    detail_ = std::move(detail);
  }

  // A new thing, one in the place of another, one to forget: written and told.
  template <typename Thing>
  void create(const Thing& thing) {
    put(thing);
    tell(action_of<Thing>("create"), name_of(thing), describe(thing, directory));
  }
  // Nothing at all if they are equal.
  template <typename Thing>
  void update(const Thing& before, const Thing& after) {
    if (before == after) return;
    put(after);
    tell(action_of<Thing>("update"), name_of(before),
         difference(describe(before, directory), describe(after, directory)));
  }
  template <typename Thing>
  void erase(const Thing& thing) {
    put(Erase{KindOf<Thing>::kind, thing.id});
    tell(action_of<Thing>("delete"), name_of(thing), describe(thing, directory));
  }

  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const std::string& action() const { return action_; }
  [[nodiscard]] const std::string& object() const { return object_; }
  [[nodiscard]] const Json& detail() const { return detail_; }

 private:
  template <typename Thing>
  [[nodiscard]] static std::string action_of(const char* verb) {
    return std::string(KindOf<Thing>::word) + "." + verb;
  }

  Id last_id_;
  std::vector<Change> changes_;
  std::string action_;
  std::string object_;
  Json detail_ = Json::object();
};

}  // namespace oneping::control
