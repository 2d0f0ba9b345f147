#include "app/log_options.h"

#include "app/option_table.h"

namespace oneping {

void add_log_options(OptionTable& table, LogOptions& options) {
  table.add_choice<log::Level>("log.level", "the least that is logged", options.level,
                               {{"trace", log::Level::trace},
                                {"debug", log::Level::debug},
                                {"info", log::Level::info},
                                {"warn", log::Level::warn},
                                {"error", log::Level::error},
                                {"off", log::Level::off}});
  table.add_choice<LogFormat>("log.format", "lines for people, or JSON lines", options.format,
                              {{"text", LogFormat::text}, {"json", LogFormat::json}});
}

}  // namespace oneping
