#include <cstdio>

#include "admin/api_command.h"
#include "admin/commands.h"
#include "admin/event_stream.h"
#include "admin/time_text.h"

namespace oneping::admin {

namespace {

// "2026-11-21T23:28:14+01:00  route.create  10.0.0.0/8  uid 0 (root)  {"tunnel":"office"}"
std::string line_of(const StreamEvent& event, Json data) {
  const std::string when = words_of(take(data, "time"));
  const auto time = parse_timestamp(when);
  std::string line = (time ? local_time_text(*time) : when) + "  " + event.name;
  for (const char* field : {"object", "actor", "detail"}) {
    if (const Json value = take(data, field); !value.empty()) line += "  " + words_of(value);
  }
  return data.empty() ? line : line + "  " + data.dump();
}

void print_event(Format format, const StreamEvent& event) {
  const Json data = Json::parse(event.data, nullptr, false);
  if (!data.is_object()) return;  // of a version to come
  const Json id = Json::parse(event.id, nullptr, false);
  if (format == Format::json) {
    print_json({{"id", id.is_number() ? id : Json()}, {"event", event.name}, {"data", data}});
  } else {
    print_line(line_of(event, data));
  }
  std::fflush(stdout);  // whoever follows the stream waits for it
}

Result<int> follow(const Session& session, Json /*fields*/) {
  EventStream events([&](const StreamEvent& event) { print_event(session.format, event); });
  bool is_stream = true;
  const auto ended = session.api.stream({"GET", "/events", {}, {}}, [&](std::string_view bytes) {
    is_stream = events.on_bytes(bytes);
    return is_stream;
  });
  if (!ended) return tl::make_unexpected(ended.error());
  return fail(is_stream ? "the edge has ended the stream: it stops, or this was read too slowly"
                        : "what the API sends is no stream of events");
}

}  // namespace

void add_events_command(CLI::App& app, Action& action) {
  ApiCommand(app, action, "events", "Follow what happens: a line for each event",
             "oneping events -o json")
      .runs(follow);
}

}  // namespace oneping::admin
