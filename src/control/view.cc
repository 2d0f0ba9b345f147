#include "control/view.h"

namespace oneping::control {

Json show_route(const Route& route, const View& view) {
  Json json = show_plain(route, view.directory);
  const Tunnel& tunnel = *view.directory.tunnels().find(route.tunnel);
  json["tunnel_status"] = to_string(health_of(tunnel, view.live));
  return json;
}

void show_way(Json& json, const Route* route, const View& view) {
  json["route"] = route == nullptr ? Json(nullptr) : show_route(*route, view);
  json["tunnel"] = route == nullptr ? Json(nullptr) : json["route"]["tunnel"];
  json["tunnel_status"] = route == nullptr ? Json(nullptr) : json["route"]["tunnel_status"];
}

Json milliseconds_or_null(const std::optional<Duration>& duration) {
  if (!duration) return nullptr;
  return std::chrono::duration<double, std::milli>(*duration).count();
}

}  // namespace oneping::control
