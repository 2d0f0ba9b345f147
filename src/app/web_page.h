// Answers for the dashboard's page: its files, compressed as the browser likes, with headers that
// let it load nothing from elsewhere and be framed by nobody. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/web_files.h"

namespace oneping {

struct PageRequest {
  std::string method;
  std::string path;
  std::string accept_encoding;  // header fields; empty: absent
  std::string if_none_match;
};

struct PageAnswer {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;  // lives as long as the program
};

// Everything but the API is the page's.
[[nodiscard]] bool is_page_path(std::string_view path);

[[nodiscard]] PageAnswer answer_page(const PageRequest& request, std::span<const WebFile> files);

// What every answer of the listener carries, the API's too.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> protective_headers();

}  // namespace oneping
