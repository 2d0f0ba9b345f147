// The files of the dashboard's page, which are part of the program. The build of web/ writes them
// as web_files.cc, compressed; without it web_files_absent.cc says that there are none.
#pragma once

#include <span>
#include <string_view>

namespace oneping {

struct WebFile {
  std::string_view path;  // "/assets/index-4f2a.js"; the page itself is "/"
  std::string_view content_type;
  std::string_view tag;       // of its contents, for ETag
  bool is_immutable = false;  // another content has another path
  std::string_view plain;
  std::string_view gzip;    // smaller; empty where that does not pay
  std::string_view brotli;  // smaller still
};

[[nodiscard]] std::span<const WebFile> web_files();

}  // namespace oneping
