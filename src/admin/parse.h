// The texts of arguments as the JSON that the API wants. What is refused here is wrong usage;
// names, prefixes and the like are the API's to judge.
#pragma once

#include <string>

#include "admin/columns.h"
#include "admin/time_text.h"
#include "base/result.h"

namespace oneping::admin {

// Not empty, and UTF-8.
[[nodiscard]] Result<Json> parse_text(const std::string& text);
// read, admin.
[[nodiscard]] Result<Json> parse_role(const std::string& text);
// 1 or more.
[[nodiscard]] Result<Json> parse_number(const std::string& text);
// 53, or "1000-2000".
[[nodiscard]] Result<Json> parse_ports(const std::string& text);
// Of a duration, its milliseconds.
[[nodiscard]] Result<Json> parse_milliseconds(const std::string& text);
// RFC 3339, of what parse_when() understands.
[[nodiscard]] Result<Json> parse_time_ahead(const std::string& text);
[[nodiscard]] Result<Json> parse_time_ago(const std::string& text);

}  // namespace oneping::admin
