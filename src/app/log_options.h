// How the program logs.
#pragma once

#include <cstdint>

namespace oneping {

class OptionTable;

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { text, json };

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

// The section `log`, the same for every command.
void add_log_options(OptionTable& table, LogOptions& options);

}  // namespace oneping
