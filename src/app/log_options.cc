#include "app/log_options.h"

#include "app/option_table.h"

namespace oneping {

void add_log_options(OptionTable& table, LogOptions& options) {
  table.add_choice<LogLevel>("log.level", "the least that is logged", options.level,
                             {{"trace", LogLevel::trace},
                              {"debug", LogLevel::debug},
                              {"info", LogLevel::info},
                              {"warn", LogLevel::warn},
                              {"error", LogLevel::error},
                              {"off", LogLevel::off}});
  table.add_choice<LogFormat>("log.format", "lines for people, or JSON lines", options.format,
                              {{"text", LogFormat::text}, {"json", LogFormat::json}});
}

}  // namespace oneping
