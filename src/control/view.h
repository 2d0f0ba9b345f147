// What answers show: things as they are described, and what else is known of them now.
#pragma once

#include "control/control.h"
#include "control/endpoint.h"

namespace oneping::control {

struct View {
  const Directory& directory;
  Timestamp now;
  const LiveTunnels& live;  // empty for who has not asked for it
};

// Whether the edge has to be asked how its tunnels are, which takes a turn of its loop.
enum class Live : std::uint8_t { unasked, asked };

template <typename Look>
[[nodiscard]] Outcome<ApiResponse> look(const Control& control, const LiveTunnels& live,
                                        Look look_at) {
  return control.read([&](const Directory& directory) -> Outcome<ApiResponse> {
    return look_at(View{directory, control.now(), live});
  });
}

// Hands a view to `look_at`, which answers.
template <typename Look>
[[nodiscard]] Outcome<ApiResponse> look(Control& control, Live live, Look look_at) {
  if (live == Live::unasked) return look(control, LiveTunnels(), look_at);
  const auto tunnels = control.live_tunnels();
  if (!tunnels) return refusal_of(tunnels);
  return look(control, *tunnels, look_at);
}

// {"id", the description's fields, "created"}.
template <typename Thing>
[[nodiscard]] Json show_plain(const Thing& thing, const Directory& directory) {
  Json json = {{"id", thing.id}};
  json.update(describe(thing, directory));
  json["created"] = to_string(thing.created);
  return json;
}

[[nodiscard]] Json show_route(const Route& route, const View& view);
// Adds {"route", "tunnel", "tunnel_status"}: null all three without a route.
void show_way(Json& json, const Route* route, const View& view);

[[nodiscard]] Json milliseconds_or_null(const std::optional<Duration>& duration);

}  // namespace oneping::control
