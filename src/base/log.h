// The program's log. What a line says is formatted only if its level is on.
//
// trace: every packet. debug: the unusual turn; addresses stop here. info: links, routes, start,
// stop. warn: worth a look tomorrow. error: we are stopping. Secrets never.
// app/logging.h says where lines go; spdlog writes them.
#pragma once

#include <fmt/core.h>

#include <cstdint>

namespace oneping::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

// Lines below this level are not written. `off` writes none.
void set_level(Level level);
[[nodiscard]] bool is_on(Level level);
void write(Level level, fmt::string_view format, fmt::format_args args);

template <Level level, typename... Args>
void write_if_on(fmt::string_view format, Args&&... args) {
  if (is_on(level)) write(level, format, fmt::make_format_args(args...));
}

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write_if_on<Level::debug>(format, args...);
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write_if_on<Level::info>(format, args...);
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write_if_on<Level::warn>(format, args...);
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write_if_on<Level::error>(format, args...);
}

}  // namespace oneping::log
