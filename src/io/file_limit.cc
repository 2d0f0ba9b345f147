#include "io/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace oneping {

namespace {
constexpr std::size_t kUnknown = 1024;  // what systems usually give
}  // namespace

std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUnknown;
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return static_cast<std::size_t>(
      std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace oneping
