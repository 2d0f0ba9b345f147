#include "admin/api_command.h"
#include "admin/commands.h"
#include "admin/parse.h"
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

// The secret stands behind the #, which a browser keeps to itself.
Result<int> offer_link(const Session& session, Json fields) {
  const Json at = take(fields, "at");
  const auto answer = session.api.call(request_of("POST /session/link", std::move(fields)));
  if (!answer) return tl::make_unexpected(answer.error());
  std::string address = words_of(at.is_null() ? field_of(*answer, "address") : at);
  while (address.ends_with('/')) address.pop_back();
  const std::string url = address + "/#link=" + words_of(field_of(*answer, "link"));
  if (session.format == Format::json) {
    print_json({{"url", url}, {"expires", field_of(*answer, "expires")}});
    return 0;
  }
  print_line(url);
  print_note("It signs in once, within five minutes, whoever opens it.");
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

void add_edge_dashboard(CLI::App& edge, Action& action) {
  ApiCommand(edge, action, "dashboard", "Print a link that signs in at the dashboard, once",
             "oneping edge dashboard")
      .option("--role", "role", "read|admin", "what it allows (default admin)", parse_role)
      .option("--at", "at", "URL", "where browsers reach the edge, if not as it listens itself")
      .runs(offer_link);
}

}  // namespace oneping::admin
