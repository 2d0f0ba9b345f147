#include "app/token_file.h"

#include <sys/stat.h>

#include "app/files.h"

namespace oneping {

namespace {
constexpr std::size_t kMaxFileSize = 16384;  // a token and the space around it
}

Result<TokenFile> read_token_file(const std::string& path) {
  const auto text = read_file(path, kMaxFileSize);
  if (!text) return tl::make_unexpected(text.error());
  auto token = tunnel::parse_token(*text);
  if (!token) return fail("token file " + path, token.error());
  struct stat status {};
  const bool readable = ::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0;
  return TokenFile{std::move(*token), readable};
}

}  // namespace oneping
