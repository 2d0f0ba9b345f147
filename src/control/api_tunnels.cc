// /tunnels: ways into private networks, and their tokens.
#include "control/collection.h"
#include "control/connector_view.h"
#include "control/tunnels.h"

namespace oneping::control {

namespace {

constexpr std::size_t kShownPrefixes = 10;

Fields<TunnelInput> tunnel_fields() {
  return {
      answer<TunnelInput>("id", schema::integer(), "never used again"),
      field<TunnelInput>("name", Use::required, &TunnelInput::name, "what people call it"),
      field<TunnelInput>("path", Use::optional, &TunnelInput::path,
                         "what shows of the path behind its connectors: all of it, or nothing"),
      field<TunnelInput>("comment", Use::optional, &TunnelInput::comment, "for people"),
      answer<TunnelInput>("created", schema::text("date-time"), "when it was made"),
      answer<TunnelInput>("uuid", schema::text("uuid"), "what its token calls it"),
      answer<TunnelInput>("has_token", schema::boolean(), "whether a connector can serve it"),
      answer<TunnelInput>("status", schema::one_of({"healthy", "degraded", "down", "inactive"}),
                          "all of its connections, some, none but there were, never any"),
      answer<TunnelInput>("connectors", schema::integer(), "how many serve it now"),
      answer<TunnelInput>("connections", schema::integer(), "of all connectors"),
      answer<TunnelInput>("rtt_ms", schema::nullable(schema::number()),
                          "the best round trip of its connections"),
      answer<TunnelInput>("uptime_ms", schema::nullable(schema::number()),
                          "since it last went from no connection to some"),
      answer<TunnelInput>("routes", schema::integer(), "how many lead into it"),
      answer<TunnelInput>("route_prefixes", schema::list_of(schema::text()),
                          "the first ten of them"),
      answer<TunnelInput>("last_connected", schema::nullable(schema::text("date-time")),
                          "when it last got or had a connection"),
  };
}

Json show(const Tunnel& tunnel, const View& view) {
  const Directory& directory = view.directory;
  Json json = show_plain(tunnel, directory);
  const edge::TunnelStatus* status = find_live(view.live, tunnel.uuid);
  const std::size_t connections = status == nullptr ? 0 : connections_of(*status);
  json["uuid"] = oneping::to_string(tunnel.uuid);
  json["has_token"] = tunnel.secret.has_value();
  json["status"] = to_string(health_of(tunnel, view.live));
  json["connectors"] = status == nullptr ? 0 : status->connectors.size();
  json["connections"] = connections;
  json["rtt_ms"] = milliseconds_or_null(status == nullptr ? std::nullopt : best_rtt(*status));
  json["uptime_ms"] = milliseconds_or_null(status == nullptr ? std::nullopt : status->uptime);
  const Directory::Ids& routes = directory.routes_of(tunnel.id);
  json["routes"] = routes.size();
  json["route_prefixes"] = Json::array();
  for (const Id route : routes) {
    if (json["route_prefixes"].size() == kShownPrefixes) break;
    json["route_prefixes"].push_back(directory.find_route(route)->prefix.to_string());
  }
  json["last_connected"] = time_or_null(connections > 0 ? view.now : tunnel.last_connected);
  return json;
}

Outcome<ApiResponse> get_tunnel(const Call& call) {
  return look(call.control, Live::tunnels, [&](const View& view) -> Outcome<ApiResponse> {
    const auto tunnel = subject<Tunnel>(view.directory, call.parameter());
    if (!tunnel) return refusal_of(tunnel);
    Json json = show(**tunnel, view);
    json["connector_list"] = Json::array();
    if (const auto* status = find_live(view.live, (*tunnel)->uuid)) {
      for (const auto& connector : status->connectors) {
        json["connector_list"].push_back(show_connector(connector));
      }
    }
    return respond(json);
  });
}

struct DeleteInput {
  std::optional<bool> force;
};
struct RotateInput {
  std::optional<std::chrono::milliseconds> grace;
};

using MakeToken = std::function<Outcome<Id>(Draft& draft, std::string& token)>;
Outcome<ApiResponse> answer_token(const Call& call, const MakeToken& make) {
  std::string token;
  const auto id =
      call.control.change(call.caller.actor, [&](Draft& draft) { return make(draft, token); });
  // A token that is kept must not be lost, though the edge does not know it yet.
  const bool is_kept = id || id.error().kind == RefusalKind::unavailable;
  if (!is_kept) return refusal_of(id);
  return respond({{"token", token}});
}

}  // namespace

void add_tunnel_endpoints(Endpoints& endpoints) {
  auto details = tunnel_fields();
  details.add(answer<TunnelInput>("connector_list", schema::list_of(schema::component("Connector")),
                                  "the processes that serve it now"));
  endpoints.define("Tunnel", answer_schema(tunnel_fields().infos()));
  endpoints.define("TunnelDetails", answer_schema(details.infos()));
  define_connectors(endpoints);
  endpoints.define("TunnelToken",
                   answer_schema(std::vector<FieldInfo>{{"token", Use::answer, schema::text(),
                                                         "what a connector needs; a secret"}}));

  const Collection<Tunnel, TunnelInput> tunnels{
      .path = "/tunnels",
      .component = "Tunnel",
      .one = "a tunnel",
      .many = "tunnels",
      .fields = tunnel_fields(),
      .live = Live::tunnels,
      .show = [](const Tunnel& tunnel, const View& view) { return show(tunnel, view); },
      .create = create_tunnel,
      .update = update_tunnel,
  };
  add_list(endpoints, tunnels);
  add_create(endpoints, tunnels);
  endpoints.add({"GET", "/tunnels/{tunnel}", "Shows a tunnel with its connectors", Access::read,
                 answers("TunnelDetails")},
                get_tunnel);
  add_update(endpoints, tunnels);
  endpoints.add({"DELETE", "/tunnels/{tunnel}", "Deletes a tunnel", Access::admin, deletes()},
                Query<DeleteInput>{{field<DeleteInput>("force", Use::optional, &DeleteInput::force,
                                                       "its routes are deleted too")}},
                [](const Call& call, const DeleteInput& input) {
                  return change_and_delete(call, [&](Draft& draft) {
                    return delete_tunnel(draft, call.parameter(), input.force.value_or(false));
                  });
                });
  endpoints.add({"POST", "/tunnels/{tunnel}/token", "Makes the tunnel's first token", Access::admin,
                 answers("TunnelToken")},
                [](const Call& call) {
                  return answer_token(call, [&](Draft& draft, std::string& token) {
                    return first_token(draft, call.parameter(), call.control.facts().ca_pin, token);
                  });
                });
  endpoints.add(
      {"POST", "/tunnels/{tunnel}/rotate", "Makes another token in place of the tunnel's",
       Access::admin, answers("TunnelToken")},
      Body<RotateInput>{{field<RotateInput>("grace_ms", Use::optional, &RotateInput::grace,
                                            "how long the old one is good still")}},
      [](const Call& call, const RotateInput& input) {
        return answer_token(call, [&](Draft& draft, std::string& token) {
          return rotate_token(draft, call.parameter(),
                              input.grace.value_or(std::chrono::milliseconds(0)),
                              call.control.facts().ca_pin, token);
        });
      });
}

}  // namespace oneping::control
