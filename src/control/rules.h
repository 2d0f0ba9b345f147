// Rules that hold for several kinds of things.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "control/draft.h"
#include "control/names.h"
#include "control/outcome.h"

namespace oneping::control {

// A field of a request: nothing where the request does not speak of it, and within that nothing
// where it says null, which clears.
template <typename T>
using Clearable = std::optional<std::optional<T>>;

inline constexpr std::size_t kMaxRoutes = 1'000'000;
inline constexpr std::size_t kMaxPolicies = 10'000;  // to move one rewrites those behind it
inline constexpr std::size_t kMaxOfOtherKinds = 100'000;
inline constexpr std::size_t kMaxInList = 1000;  // within one thing

// Is there room for one more?
template <typename Thing>
[[nodiscard]] Outcome<void> check_room(std::size_t there) {
  constexpr std::size_t kMost = std::is_same_v<Thing, Route>    ? kMaxRoutes
                                : std::is_same_v<Thing, Policy> ? kMaxPolicies
                                                                : kMaxOfOtherKinds;
  if (there < kMost) return {};
  return conflict("there are " + std::to_string(there) + " of this kind already (" +
                  KindOf<Thing>::word + "), and no more are kept: delete some first");
}

// May the thing be called so: a good name, and nobody else's of its kind?
template <typename Thing>
[[nodiscard]] Outcome<void> check_name(const Table<Thing>& table, const Thing& thing) {
  const auto fault = std::is_same_v<Thing, User>     ? fault_in_user_name(thing.name)
                     : std::is_same_v<Thing, Policy> ? fault_in_policy_name(thing.name)
                                                     : fault_in_name(thing.name);
  if (fault) return invalid("name", "the name " + in_quotes(thing.name) + " " + *fault);
  const Thing* other = table.find(std::string_view(thing.name));
  if (other == nullptr || other->id == thing.id) return {};
  return conflict("there is a " + std::string(KindOf<Thing>::word) + " " + in_quotes(thing.name) +
                      " already: choose another name",
                  "name");
}

[[nodiscard]] Outcome<void> check_comment(const std::string& comment);
[[nodiscard]] Outcome<void> check_tags(const std::vector<std::string>& tags);
// An expiry lies in the future.
[[nodiscard]] Outcome<void> check_expiry(const std::optional<Timestamp>& expires, Timestamp now);

// Keeps the first of equal entries.
template <typename Entry>
[[nodiscard]] std::vector<Entry> without_repeats(const std::vector<Entry>& entries) {
  std::vector<Entry> kept;
  for (const Entry& entry : entries) {
    if (std::find(kept.begin(), kept.end(), entry) == kept.end()) kept.push_back(entry);
  }
  return kept;
}

// Refuses to delete what others refer to. `users` are those, in words.
[[nodiscard]] Outcome<void> check_unused(const std::string& what,
                                         const std::vector<std::string>& users);

// "policy \"no-dns\"".
template <typename Thing>
[[nodiscard]] std::string in_words(const Thing& thing) {
  return std::string(KindOf<Thing>::word) + " " + in_quotes(name_of(thing));
}

}  // namespace oneping::control
