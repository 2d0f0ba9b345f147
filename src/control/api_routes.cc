// /routes: which prefixes lead into which tunnels.
#include "control/collection.h"
#include "control/routes.h"

namespace oneping::control {

namespace {

Json status_or_null() {
  return schema::nullable(schema::one_of({"healthy", "degraded", "down", "inactive"}));
}

Fields<RouteInput> route_fields() {
  return {
      answer<RouteInput>("id", schema::integer(), "never used again"),
      field<RouteInput>("prefix", Use::fixed_required, &RouteInput::prefix,
                        "IPv4 or IPv6; an address alone is a host"),
      field<RouteInput>("tunnel", Use::required, &RouteInput::tunnel,
                        "name or id; answered by name"),
      field<RouteInput>("vnet", Use::fixed, &RouteInput::vnet,
                        "the virtual network; `default` if not given"),
      field<RouteInput>("comment", Use::optional, &RouteInput::comment, "for people"),
      answer<RouteInput>("created", schema::text("date-time"), "when it was made"),
      answer<RouteInput>("tunnel_status", status_or_null(), "as of the tunnel"),
  };
}

struct RouteFilter : PageInput {
  std::optional<Reference> tunnel;
  std::optional<Reference> vnet;
  std::optional<Prefix> prefix;
  std::optional<Prefix> within;
};

Query<RouteFilter> route_query() {
  auto query = page_query<RouteFilter>();
  query.fields.add(field<RouteFilter>("tunnel", Use::optional, &RouteFilter::tunnel,
                                      "only those into this tunnel"));
  query.fields.add(field<RouteFilter>("vnet", Use::optional, &RouteFilter::vnet,
                                      "only those in this virtual network"));
  query.fields.add(field<RouteFilter>("prefix", Use::optional, &RouteFilter::prefix,
                                      "only those with exactly this prefix"));
  query.fields.add(field<RouteFilter>("within", Use::optional, &RouteFilter::within,
                                      "only those inside this prefix"));
  return query;
}

// The filter with names looked up.
struct Wanted {
  std::optional<Id> tunnel;
  std::optional<Id> vnet;
  std::optional<Prefix> prefix;
  std::optional<Prefix> within;

  bool operator()(const Route& route) const {
    return (!tunnel || route.tunnel == *tunnel) && (!vnet || route.vnet == *vnet) &&
           (!prefix || route.prefix == *prefix) &&
           (!within || (route.prefix.length() >= within->length() &&
                        within->contains(route.prefix.address())));
  }
};

Outcome<Wanted> wanted_by(const RouteFilter& filter, const Directory& directory) {
  Wanted wanted{.tunnel = {}, .vnet = {}, .prefix = filter.prefix, .within = filter.within};
  if (filter.tunnel) {
    const auto tunnel = named<Tunnel>(directory, "tunnel", *filter.tunnel);
    if (!tunnel) return refusal_of(tunnel);
    wanted.tunnel = (*tunnel)->id;
  }
  if (filter.vnet) {
    const auto vnet = named<Vnet>(directory, "vnet", *filter.vnet);
    if (!vnet) return refusal_of(vnet);
    wanted.vnet = (*vnet)->id;
  }
  return wanted;
}

Outcome<ApiResponse> list_routes(const Call& call, const RouteFilter& filter) {
  const auto page = page_of(filter);
  if (!page) return refusal_of(page);
  return look(call.control, Live::tunnels, [&](const View& view) -> Outcome<ApiResponse> {
    const auto wanted = wanted_by(filter, view.directory);
    if (!wanted) return refusal_of(wanted);
    return respond(list_page(view.directory.routes(), *page, *wanted,
                             [&](const Route& route) { return show_route(route, view); }));
  });
}

struct LookupInput {
  std::optional<IpAddress> address;
  std::optional<Reference> vnet;
};

Query<LookupInput> lookup_query() {
  return {{
      field<LookupInput>("address", Use::required, &LookupInput::address, "where to"),
      field<LookupInput>("vnet", Use::optional, &LookupInput::vnet, "`default` if not given"),
  }};
}

Outcome<ApiResponse> look_up(const Call& call, const LookupInput& input) {
  return look(call.control, Live::tunnels, [&](const View& view) -> Outcome<ApiResponse> {
    Id vnet = kDefaultVnet;
    if (input.vnet) {
      const auto given = named<Vnet>(view.directory, "vnet", *input.vnet);
      if (!given) return refusal_of(given);
      vnet = (*given)->id;
    }
    Json json = Json::object();
    show_way(json, view.directory.route_towards(vnet, *input.address), view);
    return respond(json);
  });
}

Json lookup_schema() {
  const Json route_or_null = {{"oneOf", {schema::component("Route"), {{"type", "null"}}}}};
  return answer_schema(std::vector<FieldInfo>{
      answered("route", route_or_null, "the one that a packet takes"),
      answered("tunnel", schema::nullable(schema::text()), "where it leads"),
      answered("tunnel_status", status_or_null(), "as of the tunnel"),
  });
}

}  // namespace

void add_route_endpoints(Endpoints& endpoints) {
  endpoints.define("Route", answer_schema(route_fields().infos()));
  endpoints.define("RouteLookup", lookup_schema());

  const Collection<Route, RouteInput> routes{
      .path = "/routes",
      .component = "Route",
      .one = "a route",
      .many = "routes",
      .fields = route_fields(),
      .live = Live::tunnels,
      .show = show_route,
      .create = create_route,
      .update = update_route,
      .erase = delete_route,
  };
  endpoints.add({"GET", "/routes", "Lists routes", Access::read, lists("Route")}, route_query(),
                list_routes);
  add_create(endpoints, routes);
  endpoints.add({"GET", "/routes/lookup", "Says which route a packet would take", Access::read,
                 answers("RouteLookup")},
                lookup_query(), look_up);
  add_show(endpoints, routes);
  add_update(endpoints, routes);
  add_delete(endpoints, routes);
}

}  // namespace oneping::control
