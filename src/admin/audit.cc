#include "admin/api_command.h"
#include "admin/commands.h"
#include "admin/parse.h"

namespace oneping::admin {

namespace {

constexpr std::size_t kScreenful = 100;

Column detail() {
  return {"Detail", [](const Json& entry) -> Cell {
            const Json& value = field_of(entry, "detail");
            return value.empty() ? Cell("-") : Cell(value.dump());
          }};
}

}  // namespace

void add_audit_command(CLI::App& app, Action& action) {
  ApiCommand(app, action, "audit", "Show who changed what, newest first",
             "oneping audit --action route.delete --since 24h")
      .option("--action", "action", "ACTION", "only this, as tunnel.create, or a kind, as tunnel.")
      .option("--object", "object", "NAME", "only what was done to this")
      .option("--since", "since", "TIME", "only from then on: 24h ago, 2026-11-21, ...",
              parse_time_ago)
      .lists("/audit", "entries",
             {as_time("Time", "time"), in_words("Actor", "actor"), in_words("Action", "action"),
              in_words("Object", "object"), detail()},
             kScreenful);
}

}  // namespace oneping::admin
