#include "base/log.h"

#include <spdlog/spdlog.h>

namespace oneping::log {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

void set_level(Level level) { spdlog::set_level(to_spdlog(level)); }

bool is_on(Level level) { return spdlog::should_log(to_spdlog(level)); }

void write(Level level, fmt::string_view format, fmt::format_args args) {
  const std::string line = fmt::vformat(format, args);
  spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t(line));
}

}  // namespace oneping::log
