#include "control/names.h"

#include <algorithm>
#include <array>

#include "base/uuid.h"

namespace oneping::control {

namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxComment = 256;
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_@";

std::optional<std::string> fault_in_word(std::string_view word, bool may_have_at) {
  const auto allowed = kNameCharacters.substr(0, kNameCharacters.size() - (may_have_at ? 0 : 1));
  if (word.empty()) return "is empty";
  if (word.size() > kMaxName) return "has more than 64 characters";
  if (word.find_first_not_of(allowed) != word.npos) {
    return may_have_at ? "has a character other than letters, digits, '.', '-', '_' and '@'"
                       : "has a character other than letters, digits, '.', '-' and '_'";
  }
  if (word.front() == '.' || word.front() == '-') return "begins with '.' or '-'";
  return std::nullopt;
}

std::optional<std::string> fault_in_any_name(std::string_view name, bool may_have_at) {
  if (auto fault = fault_in_word(name, may_have_at)) return fault;
  if (is_number(name)) return "has only digits, like an id";
  if (parse_uuid(name)) return "looks like a tunnel's UUID";
  return std::nullopt;
}

// C0, DEL, and C1, which begins with 0xc2 in UTF-8.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string> fault_in_name(std::string_view name) {
  return fault_in_any_name(name, false);
}

std::optional<std::string> fault_in_user_name(std::string_view name) {
  return fault_in_any_name(name, true);
}

std::optional<std::string> fault_in_policy_name(std::string_view name) {
  constexpr std::array<std::string_view, 3> kReserved{"default", "check", "test"};
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    return "has a meaning of its own where policies are named";
  }
  return fault_in_name(name);
}

std::optional<std::string> fault_in_tag(std::string_view tag) { return fault_in_word(tag, false); }

std::optional<std::string> fault_in_comment(std::string_view comment) {
  if (comment.size() > kMaxComment) return "has more than 256 bytes";
  if (has_control_character(comment)) return "has a control character";
  return std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace oneping::control
