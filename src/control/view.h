// What answers show: things as they are described, and what else is known of them now.
#pragma once

#include <utility>

#include "control/control.h"
#include "control/endpoint.h"

namespace oneping::control {

struct View {
  const Directory& directory;
  Timestamp now;
  // As the edge knows them; empty for who has not asked for it.
  const LiveTunnels& live;
  const LiveSessions& sessions;
};

// What the edge has to be asked for, which takes a turn of its loop.
enum class Live : std::uint8_t { unasked, tunnels, sessions };

// Hands a view to `look_at`, which answers.
template <typename Look>
[[nodiscard]] Outcome<ApiResponse> look(Control& control, Live live, Look look_at) {
  LiveTunnels tunnels;
  LiveSessions sessions;
  if (live == Live::tunnels) {
    auto asked = control.live_tunnels();
    if (!asked) return refusal_of(asked);
    tunnels = std::move(*asked);
  } else if (live == Live::sessions) {
    auto asked = control.live_sessions();
    if (!asked) return refusal_of(asked);
    sessions = std::move(*asked);
  }
  return control.read([&](const Directory& directory) -> Outcome<ApiResponse> {
    return look_at(View{directory, control.now(), tunnels, sessions});
  });
}

// {"id", the description's fields, "created"}.
template <typename Thing>
[[nodiscard]] Json show_plain(const Thing& thing, const Directory& directory) {
  Json json = {{"id", thing.id}};
  json.update(describe(thing, directory));
  json["created"] = timestamp_text(thing.created);
  return json;
}

[[nodiscard]] Json show_route(const Route& route, const View& view);
// Adds {"route", "tunnel", "tunnel_status"}: null all three without a route.
void show_way(Json& json, const Route* route, const View& view);

[[nodiscard]] Json milliseconds_or_null(const std::optional<Duration>& duration);

}  // namespace oneping::control
