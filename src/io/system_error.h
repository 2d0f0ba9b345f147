// An Error for a system call that failed: what was tried, and errno in words.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"

namespace oneping {

[[nodiscard]] inline std::string errno_text(int error) {
  return std::error_code(error, std::generic_category()).message();
}

[[nodiscard]] inline tl::unexpected<Error> system_failure(std::string_view tried,
                                                          int error = errno) {
  return fail(std::string(tried) + ": " + errno_text(error));
}

}  // namespace oneping
