#include "control/routes.h"

namespace oneping::control {

namespace {

// What may change later.
Outcome<void> fill(Route& route, const RouteInput& input, const Draft& draft) {
  if (input.comment) route.comment = input.comment->value_or("");
  if (input.tunnel) {
    const auto tunnel = named<Tunnel>(draft.directory, "tunnel", *input.tunnel);
    if (!tunnel) return refusal_of(tunnel);
    route.tunnel = (*tunnel)->id;
  }
  return check_comment(route.comment);
}

Outcome<void> check_free(const Route& route, const Directory& directory) {
  const Route* there = directory.find_route(route.vnet, route.prefix);
  if (there == nullptr) return {};
  return conflict("there is a route " + in_quotes(route.prefix.to_string()) +
                      " in this virtual "
                      "network already, to tunnel " +
                      in_quotes(directory.tunnels().find(there->tunnel)->name) +
                      ": change or delete that",
                  "prefix");
}

}  // namespace

Outcome<Id> create_route(Draft& draft, const RouteInput& input) {
  if (auto room = check_room<Route>(draft.directory.routes().size()); !room)
    return refusal_of(room);
  if (!input.prefix) return invalid("prefix", "a route needs a prefix");
  if (!input.tunnel) return invalid("tunnel", "a route needs a tunnel");
  Route route;
  route.id = draft.new_id();
  route.created = draft.now;
  route.prefix = *input.prefix;
  if (input.vnet) {
    const auto vnet = named<Vnet>(draft.directory, "vnet", *input.vnet);
    if (!vnet) return refusal_of(vnet);
    route.vnet = (*vnet)->id;
  }
  if (auto good = fill(route, input, draft); !good) return refusal_of(good);
  if (auto free = check_free(route, draft.directory); !free) return refusal_of(free);
  draft.create(route);
  return route.id;
}

Outcome<Id> update_route(Draft& draft, const Reference& which, const RouteInput& input) {
  const auto before = subject<Route>(draft.directory, which);
  if (!before) return refusal_of(before);
  Route route = **before;
  if (auto good = fill(route, input, draft); !good) return refusal_of(good);
  draft.update(**before, route);
  return route.id;
}

Outcome<Id> delete_route(Draft& draft, const Reference& which) {
  const auto route = subject<Route>(draft.directory, which);
  if (!route) return refusal_of(route);
  draft.erase(**route);
  return (*route)->id;
}

}  // namespace oneping::control
