#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

namespace {

constexpr const char* kDefaultVnet = "default";

// A route's id: people know it by its prefix.
Result<Json> find_route(const Session& session, Json& fields) {
  Json filter = {{"prefix", take(fields, "prefix")}, {"vnet", take(fields, "vnet")}};
  if (filter["vnet"].is_null()) filter["vnet"] = kDefaultVnet;
  auto routes = session.api.list(request_of("GET /routes", filter), 1);
  if (!routes) return routes;
  if (!routes->empty()) return routes->front();
  return fail(
      filled("there is no route {prefix} in virtual network {vnet}: see `oneping route "
             "list --within {prefix}`",
             filter));
}

Result<int> change_route(const Session& session, Json fields, const std::string& request,
                         const std::string& sentence) {
  const auto route = find_route(session, fields);
  if (!route) return tl::make_unexpected(route.error());
  fields["id"] = field_of(*route, "id");
  const auto answer = session.api.call(request_of(request, fields));
  if (!answer) return tl::make_unexpected(answer.error());
  print_done(session.format, *answer, sentence, answer->is_object() ? *answer : *route);
  return 0;
}

Result<int> look_up(const Session& session, Json fields) {
  const Json address = field_of(fields, "address");
  const auto answer = session.api.call(request_of("GET /routes/lookup", std::move(fields)));
  if (!answer) return tl::make_unexpected(answer.error());
  const Json& route = field_of(*answer, "route");
  if (session.format == Format::json) {
    print_json(*answer);
  } else if (route.is_null()) {
    print_note("no route leads to " + words_of(address));
  } else {
    print_table(card_of({in_words("Prefix", "prefix"), in_words("Tunnel", "tunnel"),
                         as_status("Status", "tunnel_status"), in_words("Vnet", "vnet"),
                         in_words("Comment", "comment")},
                        route));
  }
  return route.is_null() ? kExitFailed : 0;
}

}  // namespace

void add_route_commands(CLI::App& app, Action& action) {
  const Noun route(app, action, "route", "Which prefix leads to which tunnel");

  route.command("add", "Lead a prefix to a tunnel", "oneping route add 172.16.10.0/24 office")
      .argument("PREFIX", "prefix", "the destinations")
      .argument("TUNNEL", "tunnel", "where they are")
      .option("--vnet", "vnet", "VNET", "virtual network of the prefix, if not default")
      .option("--comment", "comment", "TEXT", "what is there")
      .asks("POST /routes", "{prefix} in virtual network {vnet} leads to tunnel {tunnel}.");

  route.command("list", "List routes", "oneping route list --within 10.0.0.0/8")
      .option("--tunnel", "tunnel", "TUNNEL", "only those that lead there")
      .option("--vnet", "vnet", "VNET", "only those of this virtual network")
      .option("--within", "within", "PREFIX", "only those inside this prefix")
      .lists("/routes", "routes",
             {in_words("Prefix", "prefix"), in_words("Tunnel", "tunnel"),
              as_status("Status", "tunnel_status"), in_words("Vnet", "vnet"),
              in_words("Comment", "comment")});

  route
      .command("get", "Say by which route an address is reached; the exit code is 1 if by none",
               "oneping route get 172.16.10.120")
      .argument("ADDRESS", "address", "the destination")
      .option("--vnet", "vnet", "VNET", "virtual network to look in, if not default")
      .runs(look_up);

  route
      .command("move", "Lead a prefix to another tunnel",
               "oneping route move 172.16.10.0/24 berlin")
      .argument("PREFIX", "prefix", "the route's prefix")
      .argument("TUNNEL", "tunnel", "where it leads from now on")
      .option("--vnet", "vnet", "VNET", "virtual network of the prefix, if not default")
      .runs([](const Session& session, Json fields) {
        return change_route(session, std::move(fields), "PATCH /routes/{id}",
                            "{prefix} in virtual network {vnet} leads to tunnel {tunnel}.");
      });

  route.command("delete", "Delete a route", "oneping route delete 172.16.10.0/24")
      .argument("PREFIX", "prefix", "the route's prefix")
      .option("--vnet", "vnet", "VNET", "virtual network of the prefix, if not default")
      .runs([](const Session& session, Json fields) {
        return change_route(session, std::move(fields), "DELETE /routes/{id}",
                            "Deleted route {prefix} in virtual network {vnet}, which led to "
                            "tunnel {tunnel}.");
      });
}

}  // namespace oneping::admin
