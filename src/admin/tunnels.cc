#include "admin/commands.h"
#include "admin/parse.h"
#include "admin/secret.h"
#include "admin/tunnel_card.h"

namespace oneping::admin {

namespace {

constexpr const char* kNext =
    "Then, inside the private network: oneping connector run --token-file {file} --edge HOST:7844";

void add_token_commands(const Noun& tunnel) {
  auto token = tunnel.command("token", "Make the token that a tunnel's connectors need",
                              "oneping tunnel token office --out office.token");
  token.argument("TUNNEL", "tunnel", "the tunnel");
  makes_secret(token, {.request = "POST /tunnels/{tunnel}/token",
                       .field = "token",
                       .what = "The token of tunnel {tunnel}",
                       .again = "make another token with `oneping tunnel rotate {tunnel}`",
                       .next = kNext});

  auto rotate = tunnel.command("rotate", "Replace the token of a tunnel",
                               "oneping tunnel rotate office --grace 1h --out office.token");
  rotate.argument("TUNNEL", "tunnel", "the tunnel")
      .option("--grace", "grace_ms", "DURATION", "how long the old token stays good (default 0s)",
              parse_milliseconds);
  makes_secret(rotate, {.request = "POST /tunnels/{tunnel}/rotate",
                        .field = "token",
                        .what = "The new token of tunnel {tunnel}",
                        .again = "make another token with `oneping tunnel rotate {tunnel}`",
                        .next = kNext});
}

}  // namespace

void add_tunnel_commands(CLI::App& app, Action& action) {
  const Noun tunnel(app, action, "tunnel", "Tunnels: named ways into private networks");

  tunnel.command("create", "Make a tunnel", "oneping tunnel create office --comment 'Head office'")
      .argument("NAME", "name", "what to call it")
      .option("--path", "path", "full|single-hop",
              "what its users see of the path behind its connectors (default full)")
      .option("--comment", "comment", "TEXT", "where it leads")
      .asks("POST /tunnels", "Made tunnel {name}. Its token: oneping tunnel token {name}");

  tunnel.command("list", "List tunnels and how they are", "oneping tunnel list")
      .lists("/tunnels", "tunnels",
             {in_words("Name", "name"), as_status("Status", "status"),
              as_number("Connectors", "connectors"), as_number("Connections", "connections"),
              as_round_trip("RTT", "rtt_ms"), as_duration("Uptime", "uptime_ms"),
              as_number("Routes", "routes")});

  tunnel
      .command("info", "Show a tunnel, its connectors and their connections",
               "oneping tunnel info office")
      .argument("TUNNEL", "tunnel", "the tunnel")
      .runs([](const Session& session, Json fields) -> Result<int> {
        const auto answer =
            session.api.call(request_of("GET /tunnels/{tunnel}", std::move(fields)));
        if (!answer) return tl::make_unexpected(answer.error());
        session.format == Format::json ? print_json(*answer) : print_tunnel(*answer);
        return 0;
      });

  add_token_commands(tunnel);

  tunnel.command("rename", "Give a tunnel another name", "oneping tunnel rename office berlin")
      .argument("TUNNEL", "tunnel", "the tunnel")
      .argument("NEW", "name", "its new name")
      .asks("PATCH /tunnels/{tunnel}", "Tunnel {tunnel} is now {name}.");

  tunnel
      .command("update", "Change what a tunnel shows, or its comment",
               "oneping tunnel update office --path single-hop")
      .argument("TUNNEL", "tunnel", "the tunnel")
      .option("--path", "path", "full|single-hop",
              "what its users see of the path behind its connectors")
      .option("--comment", "comment", "TEXT", "where it leads")
      .at_least_one({"--path", "--comment"})
      .asks("PATCH /tunnels/{tunnel}", "Tunnel {tunnel} is changed.");

  tunnel.command("delete", "Delete a tunnel", "oneping tunnel delete office")
      .argument("TUNNEL", "tunnel", "the tunnel")
      .flag("--force", "force", "with the routes that lead to it")
      .asks("DELETE /tunnels/{tunnel}", "Deleted tunnel {tunnel}.");
}

}  // namespace oneping::admin
