// The administrator's commands as a program of their own, for tests.
#pragma once

#include <string>
#include <vector>

#include "admin/command.h"

namespace CLI {
class App;
}

namespace oneping::admin {

void add_all_commands(CLI::App& app, Action& action);

// `words` are behind the program's name. Returns the exit code.
int run_program(std::vector<std::string> words);

}  // namespace oneping::admin
