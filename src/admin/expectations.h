// A file of expectations about policies, as `oneping policy test` takes it:
//
//   - name: ops may ping the office
//     user: alice@example.net
//     to: 172.16.10.120
//     icmp: true
//     expect: allow
//     rule: ops-ping
#pragma once

#include <string>
#include <string_view>

#include "admin/columns.h"
#include "base/result.h"

namespace oneping::admin {

// As the API wants them (docs/api.md, /policies/test). Errors say file, line and column.
[[nodiscard]] Result<Json> read_expectations(const std::string& path);
[[nodiscard]] Result<Json> parse_expectations(const std::string& text, const std::string& file);

}  // namespace oneping::admin
