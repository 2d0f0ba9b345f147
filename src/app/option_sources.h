// Where the settings of a command come from, from weak to strong: file, environment, flags.
#pragma once

#include <cstdlib>
#include <string>

#include "app/option_table.h"

namespace oneping {

struct OptionSources {
  std::string file;  // empty: none
  OptionTable::Environment environment = [](const char* name) { return std::getenv(name); };
  OptionTable::Texts flags;
};

[[nodiscard]] Result<void> read_options(const OptionTable& table, const OptionSources& sources);

}  // namespace oneping
