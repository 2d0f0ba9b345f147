// A tunnel token in a file, which is the only place for one.
#pragma once

#include <string>

#include "base/result.h"
#include "tunnel/token.h"

namespace oneping {

struct TokenFile {
  tunnel::TunnelToken token;
  bool readable_by_others = false;  // worth a warning
};

// Errors name the file and quote nothing of it.
[[nodiscard]] Result<TokenFile> read_token_file(const std::string& path);

}  // namespace oneping
