// What most kinds have in common in the API: a list at a path, and things below it that are made,
// shown, changed and deleted.
#pragma once

#include <functional>
#include <string>

#include "control/answers.h"
#include "control/view.h"

namespace oneping::control {

template <typename Thing, typename Input>
struct Collection {
  std::string path;       // "/users"
  std::string component;  // "User", defined in the OpenAPI document
  std::string one;        // "a user"
  std::string many;       // "users"
  Fields<Input> fields;
  Live live = Live::unasked;  // what `show` tells besides
  std::function<Json(const Thing&, const View&)> show;
  // The drafts of its changes; absent for what cannot be done, or is done in a way of its own.
  std::function<Outcome<Id>(Draft&, const Input&)> create = {};
  std::function<Outcome<Id>(Draft&, const Reference&, const Input&)> update = {};
  std::function<Outcome<Id>(Draft&, const Reference&)> erase = {};

  // "/users/{user}", and what may follow.
  [[nodiscard]] std::string path_of_one(const std::string& rest = {}) const {
    return path + "/{" + KindOf<Thing>::word + "}" + rest;
  }
};

// Carries the draft out and answers with the thing that it made or changed. `extend` may add to it.
template <typename Thing, typename Input>
[[nodiscard]] Outcome<ApiResponse> change_and_show(const Call& call,
                                                   const Collection<Thing, Input>& kind,
                                                   const Control::Planner& planner,
                                                   int status = 200,
                                                   const std::function<void(Json&)>& extend = {}) {
  const auto id = call.control.change(call.caller.actor, planner);
  if (!id) return refusal_of(id);
  auto answer = look(call.control, kind.live, [&](const View& view) -> Outcome<ApiResponse> {
    const auto thing = find<Thing>(view.directory, {std::to_string(*id)});
    if (thing == nullptr) return not_found("somebody else has deleted it meanwhile");
    Json json = kind.show(*thing, view);
    if (extend) extend(json);
    return respond(json, status);
  });
  if (!answer && answer.error().kind == RefusalKind::unavailable) {
    answer.error().detail = "the change is kept, but " + answer.error().detail;
  }
  return answer;
}

template <typename Thing, typename Input>
void add_list(Endpoints& endpoints, const Collection<Thing, Input>& kind) {
  endpoints.add(
      {"GET", kind.path, "Lists " + kind.many, Access::read, lists(kind.component)},
      page_query<PageInput>(),
      [kind](const Call& call, const PageInput& input) -> Outcome<ApiResponse> {
        const auto page = page_of(input);
        if (!page) return refusal_of(page);
        return look(call.control, kind.live, [&](const View& view) {
          return respond(list_page(table_of<Thing>(view.directory).all(), *page, kEverything,
                                   [&](const Thing& thing) { return kind.show(thing, view); }));
        });
      });
}

template <typename Thing, typename Input>
void add_show(Endpoints& endpoints, const Collection<Thing, Input>& kind) {
  endpoints.add(
      {"GET", kind.path_of_one(), "Shows " + kind.one, Access::read, answers(kind.component)},
      [kind](const Call& call) {
        return look(call.control, kind.live, [&](const View& view) -> Outcome<ApiResponse> {
          const auto thing = subject<Thing>(view.directory, call.parameter());
          if (!thing) return refusal_of(thing);
          return respond(kind.show(**thing, view));
        });
      });
}

template <typename Thing, typename Input>
void add_create(Endpoints& endpoints, const Collection<Thing, Input>& kind) {
  endpoints.add({"POST", kind.path, "Makes " + kind.one, Access::admin, makes(kind.component)},
                Body<Input>{kind.fields, Purpose::make},
                [kind](const Call& call, const Input& input) {
                  return change_and_show(
                      call, kind, [&](Draft& draft) { return kind.create(draft, input); }, 201);
                });
}

template <typename Thing, typename Input>
void add_update(Endpoints& endpoints, const Collection<Thing, Input>& kind) {
  endpoints.add(
      {"PATCH", kind.path_of_one(), "Changes " + kind.one, Access::admin, answers(kind.component)},
      Body<Input>{kind.fields, Purpose::change}, [kind](const Call& call, const Input& input) {
        return change_and_show(
            call, kind, [&](Draft& draft) { return kind.update(draft, call.parameter(), input); });
      });
}

template <typename Thing, typename Input>
void add_delete(Endpoints& endpoints, const Collection<Thing, Input>& kind) {
  endpoints.add({"DELETE", kind.path_of_one(), "Deletes " + kind.one, Access::admin, deletes()},
                [kind](const Call& call) {
                  return change_and_delete(
                      call, [&](Draft& draft) { return kind.erase(draft, call.parameter()); });
                });
}

// A POST below a thing that does something to it and answers with it: revoke, say.
template <typename Thing, typename Input>
void add_action(Endpoints& endpoints, const Collection<Thing, Input>& kind, const std::string& verb,
                const std::string& summary,
                Outcome<Id> (*act)(Draft& draft, const Reference& which)) {
  endpoints.add(
      {"POST", kind.path_of_one("/" + verb), summary, Access::admin, answers(kind.component)},
      [kind, act](const Call& call) {
        return change_and_show(call, kind,
                               [&](Draft& draft) { return act(draft, call.parameter()); });
      });
}

}  // namespace oneping::control
