#include "admin/command.h"

#include <cstdio>

namespace oneping {

int fail_with(const Error& error, int exit_code) {
  std::fprintf(stderr, "oneping: %s\n", error.message.c_str());
  return exit_code;
}

}  // namespace oneping
