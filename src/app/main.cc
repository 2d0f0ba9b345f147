#include <cstdio>
#include <exception>

#include "app/commands.h"

int main(int argc, char** argv) {
  try {
    return oneping::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "oneping: stopping, which is a bug to report: %s\n", error.what());
    return oneping::kExitFailed;
  }
}
