// What the load generators have in common as programs: what cannot be done ends them, with one
// line.
#pragma once

#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace oneping::bench {

// What a result holds, or the end of the program.
template <typename T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The whole of main(). Timers are as exact as the kernel has them, for even rates.
inline int run_program(const char* name, int (*run)(int, char**), int argc, char** argv) {
  try {
    prctl(PR_SET_TIMERSLACK, 1);
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace oneping::bench
