#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/edge_identity.h"
#include "app/edge_options.h"
#include "app/files.h"
#include "tunnel/token.h"
#include "app/tunnel_secrets.h"

namespace oneping {

namespace {

struct Request {
  std::string name;
  std::string out;
  bool rotate = false;
  bool force = false;
  OptionSources sources;
};

Result<void> check(const Request& request, const EdgeOptions& options,
                   const TunnelSecrets& secrets) {
  const bool known = std::any_of(options.tunnels.begin(), options.tunnels.end(),
                                 [&](const auto& tunnel) { return tunnel.name == request.name; });
  if (!known) {
    return fail("there is no tunnel '" + request.name + "' in " + request.sources.file +
                ": add it under `tunnels` first");
  }
  const auto secret = secrets.load(request.name);
  if (!secret) return tl::make_unexpected(secret.error());
  if (*secret && !request.rotate) {
    return fail(
        "tunnel '" + request.name + "' has a token already, and it cannot be shown again, " +
        "for only a hash of its secret is kept: use the file that you have, or make a new " +
        "token with --rotate, which ends the old one");
  }
  return {};
}

Result<void> make(const Request& request, const EdgeOptions& options) {
  const TunnelSecrets secrets(options.state);
  if (auto checked = check(request, options, secrets); !checked) return checked;
  quic::SecureRandom random;
  const auto identity = load_or_make_identity(options.state, options.server_names, random);
  if (!identity) return tl::make_unexpected(identity.error());
  auto token = secrets.make(request.name, random);
  if (!token) return tl::make_unexpected(token.error());
  token->edge_pin = identity->ca_pin;
  // The token first: a secret that nobody has would lock the tunnel.
  const auto written = write_file(request.out, tunnel::make_token(*token) + "\n", 0600,
                                  request.force ? Overwrite::yes : Overwrite::no);
  if (!written) {
    return file_exists(request.out) && !request.force
               ? fail(written.error().message + ": remove it, or overwrite it with --force")
               : written;
  }
  return secrets.store(request.name, *token);
}

int run(const Request& request) {
  const auto options = load_edge_options(request.sources);
  if (!options) return fail_with(options.error(), kExitUsage);
  if (const auto made = make(request, *options); !made) return fail_with(made.error(), kExitFailed);
  std::printf(
      "The token of tunnel '%s' is in %s. Keep it secret.\n"
      "If the edge runs, make it read its tunnels again: kill -HUP, or systemctl reload.\n"
      "Then, inside the private network:\n"
      "  oneping connector run --token-file %s --edge HOST:7844\n",
      request.name.c_str(), request.out.c_str(), request.out.c_str());
  return 0;
}

}  // namespace

void add_tunnel_command(CLI::App& app, Action& action) {
  auto* tunnel =
      app.add_subcommand("tunnel", "Tunnels into private networks")->require_subcommand(1);
  auto* command = tunnel->add_subcommand("token", "Make the token that a tunnel's connectors need");
  const auto request = std::make_shared<Request>();
  command->add_option("NAME", request->name, "the tunnel, as the edge's configuration names it")
      ->required();
  command->add_option("--config", request->sources.file, "the edge's configuration")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", request->out, "where to write the token")
      ->type_name("FILE")
      ->required();
  command->add_flag("--rotate", request->rotate, "replace the token that the tunnel has");
  command->add_flag("--force", request->force, "overwrite the file");
  command->callback([&action, request] { action = [request] { return run(*request); }; });
}

}  // namespace oneping
