// The manual page oneping(1), in the man macros: everything that --help says, of every command.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace oneping::admin {

[[nodiscard]] std::string man_page(const CLI::App& root, const std::string& version);

}  // namespace oneping::admin
