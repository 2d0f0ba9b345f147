// How endpoints answer, and what their answers' schemas are.
#pragma once

#include <optional>
#include <string>

#include "control/endpoint.h"

namespace oneping::control {

[[nodiscard]] Answer answers(const std::string& component);
[[nodiscard]] Answer makes(const std::string& component);  // 201
[[nodiscard]] Answer lists(const std::string& component);
[[nodiscard]] Answer deletes();  // 204, no body

// A field of an answer.
[[nodiscard]] FieldInfo answered(const char* name, Json schema, const char* help);

[[nodiscard]] ApiResponse respond(const Json& body, int status = 200);
// Carries out a draft that deletes, and answers 204.
[[nodiscard]] Outcome<ApiResponse> change_and_delete(const Call& call,
                                                     const Control::Planner& planner);

// Pages of a list: the query's fields, and what they mean.
struct PageInput {
  std::optional<std::uint32_t> limit;
  std::optional<std::string> after;
};
struct Page {
  std::size_t limit = 100;
  std::optional<Id> after;  // a cursor is the id, or position, of the last entry before
};
[[nodiscard]] Outcome<Page> page_of(const PageInput& input);

template <typename Filter>
[[nodiscard]] Query<Filter> page_query() {
  return {{field<Filter>("limit", Use::optional, &PageInput::limit, "1 to 1000; 100 if not given"),
           field<Filter>("after", Use::optional, &PageInput::after, "`next` of the page before")}};
}

// {"items", "next"}: the entries of `things` (by id or position, from small to large) behind the
// cursor that are wanted, as far as the page goes.
template <typename Things, typename IsWanted, typename Show>
[[nodiscard]] Json list_page(const Things& things, const Page& page, IsWanted is_wanted,
                             Show show) {
  Json items = Json::array();
  Json next = nullptr;
  Id last = 0;
  for (auto at = page.after ? things.upper_bound(*page.after) : things.begin(); at != things.end();
       ++at) {
    if (!is_wanted(at->second)) continue;
    if (items.size() == page.limit) {
      next = std::to_string(last);
      break;
    }
    items.push_back(show(at->second));
    last = at->first;
  }
  return {{"items", std::move(items)}, {"next", std::move(next)}};
}
inline constexpr auto kEverything = [](const auto&) { return true; };

}  // namespace oneping::control
