// What may be a name, a tag or a comment. Each question is answered by what is wrong, as the end of
// a sentence ("has more than 64 characters"), or by nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oneping::control {

// A name can stand where an id or a tunnel's UUID can (in a path, say), and is told from both.
[[nodiscard]] std::optional<std::string> fault_in_name(std::string_view name);
// People's names may hold an @.
[[nodiscard]] std::optional<std::string> fault_in_user_name(std::string_view name);
// Some names of policies are words of the API.
[[nodiscard]] std::optional<std::string> fault_in_policy_name(std::string_view name);
[[nodiscard]] std::optional<std::string> fault_in_tag(std::string_view tag);
[[nodiscard]] std::optional<std::string> fault_in_comment(std::string_view comment);

// An id rather than a name.
[[nodiscard]] bool is_number(std::string_view text);

}  // namespace oneping::control
