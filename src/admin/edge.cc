#include "admin/api_command.h"
#include "admin/commands.h"
#include "admin/private_file.h"

namespace oneping::admin {

namespace {

Column tunnels() {
  return {"Tunnels", [](const Json& edge) -> Cell {
            std::string text;
            for (const auto& [status, count] : field_of(edge, "tunnels").items()) {
              text += (text.empty() ? "" : ", ") + words_of(count) + " " + status;
            }
            return text.empty() ? "-" : text;
          }};
}

Result<int> back_up(const Session& session, Json fields) {
  const std::string path = take(fields, "file").get<std::string>();
  auto file = PrivateFile::open(path, Existing::refuse);
  if (!file) return tl::make_unexpected(file.error());
  Result<void> written;
  const auto read = session.api.stream({"GET", "/backup", {}, {}}, [&](std::string_view bytes) {
    written = file->write(bytes);
    return written.has_value();
  });
  if (!read) return tl::make_unexpected(read.error());
  if (written) written = file->keep();
  if (!written) return tl::make_unexpected(written.error());
  if (session.format == Format::table) print_line("The store is copied to " + path + ".");
  return 0;
}

}  // namespace

void add_edge_status(CLI::App& edge, Action& action) {
  ApiCommand(edge, action, "status", "Show how a running edge is", "oneping edge status")
      .shows("GET /status", {in_words("Name", "name"), in_words("Version", "version"),
                             as_time("Started", "started"), as_duration("Uptime", "uptime_ms"),
                             in_words("Listens at", "listen"), in_words("Pin", "pin"), tunnels(),
                             as_number("Connections", "connections"), as_number("Flows", "flows"),
                             as_number("Routes", "routes"), as_number("Policies", "policies"),
                             as_status("Default verdict", "default_verdict"),
                             as_number("Devices", "devices"), as_number("Users", "users")});
}

void add_edge_backup(CLI::App& edge, Action& action) {
  ApiCommand(edge, action, "backup", "Copy the store of a running edge into a new file",
             "oneping edge backup edge-2026-11-21.db")
      .argument("FILE", "file", "the new file, which only its owner can read")
      .runs(back_up);
}

}  // namespace oneping::admin
