#include "app/option_sources.h"

#include "app/files.h"

namespace oneping {

namespace {
constexpr std::size_t kMaxFileSize = 4 << 20;
}  // namespace

Result<void> read_options(const OptionTable& table, const OptionSources& sources) {
  if (!sources.file.empty()) {
    const auto text = read_file(sources.file, kMaxFileSize);
    if (!text) return tl::make_unexpected(text.error());
    if (auto read = table.read_yaml(*text, sources.file); !read) return read;
  }
  if (auto read = table.read_environment(sources.environment); !read) return read;
  return table.read_flags(sources.flags);
}

}  // namespace oneping
