#include "control/rules.h"

namespace oneping::control {

Outcome<void> check_comment(const std::string& comment) {
  if (const auto fault = fault_in_comment(comment))
    return invalid("comment", "the comment " + *fault);
  return {};
}

Outcome<void> check_tags(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    if (const auto fault = fault_in_tag(tag)) {
      return invalid("tags", "the tag " + in_quotes(tag) + " " + *fault);
    }
  }
  return {};
}

Outcome<void> check_expiry(const std::optional<Timestamp>& expires, Timestamp now) {
  if (!expires || *expires > now) return {};
  return invalid("expires", timestamp_text(*expires) + " is over: give a time to come");
}

Outcome<void> check_unused(const std::string& what, const std::vector<std::string>& users) {
  constexpr std::size_t kNamed = 3;
  if (users.empty()) return {};
  std::string list;
  for (std::size_t i = 0; i < users.size() && i < kNamed; ++i) {
    list += (i == 0 ? "" : ", ") + users[i];
  }
  if (users.size() > kNamed) list += " and " + std::to_string(users.size() - kNamed) + " more";
  return conflict(what + " is still used by " + list + ": change or delete that first");
}

}  // namespace oneping::control
