// How the program logs.
#pragma once

#include <cstdint>

#include "base/log.h"

namespace oneping {

class OptionTable;

enum class LogFormat : std::uint8_t { text, json };

struct LogOptions {
  log::Level level = log::Level::info;
  LogFormat format = LogFormat::text;
};

// The section `log`, the same for every command.
void add_log_options(OptionTable& table, LogOptions& options);

}  // namespace oneping
