#include "app/edge_process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/edge_config.h"
#include "app/edge_metrics.h"
#include "app/service_notify.h"
#include "base/log.h"
#include "tunnel/protocol.h"

namespace oneping {

namespace {

// See edge::EdgeConfig::config_version.
std::int32_t config_version_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
}

std::vector<Prefix> routes_of(const EdgeOptions& options) {
  std::vector<Prefix> routes;
  for (const auto& tunnel : options.tunnels) {
    routes.insert(routes.end(), tunnel.routes.begin(), tunnel.routes.end());
  }
  std::sort(routes.begin(), routes.end());
  return routes;
}

}  // namespace

Result<std::unique_ptr<EdgeProcess>> EdgeProcess::start(const EdgeOptions& options, Reload reload) {
  quic::SecureRandom random;
  const auto identity = load_or_make_identity(options.state, options.server_names, random);
  if (!identity) return tl::make_unexpected(identity.error());
  const auto config = make_edge_config(options, config_version_now());
  if (!config) return tl::make_unexpected(config.error());
  std::unique_ptr<EdgeProcess> process(new EdgeProcess(options, std::move(reload), *config));
  if (auto opened = process->open(*identity); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return process;
}

EdgeProcess::EdgeProcess(const EdgeOptions& options, Reload reload, const edge::EdgeConfig& config)
    : options_(options), reload_(std::move(reload)), edge_(config, pool_, random_) {}

// Sessions let go of their QUIC connections before the endpoint is destroyed.
EdgeProcess::~EdgeProcess() { edge_.shut_down(); }

Result<void> EdgeProcess::open(const EdgeIdentity& identity) {
  auto sockets = ListenSockets::open(options_.listen);
  if (!sockets) return fail(options_.listen_origin, sockets.error());
  sockets_ = std::move(*sockets);
  auto tls = quic::TlsContext::server({.certificate_pem = identity.certificate_pem,
                                       .key_pem = identity.key_pem,
                                       .alpn = {tunnel::kAlpn}});
  if (!tls) return fail("the edge's certificate", tls.error());
  quic::EndpointOptions endpoint_options;
  endpoint_options.static_secret = identity.static_secret;
  endpoint_ = std::make_unique<quic::Endpoint>(endpoint_options, std::move(*tls), random_, &edge_);
  if (auto opened = open_tun(); !opened) return opened;
  if (auto watched = watch(); !watched) return watched;
  if (!options_.admin) return {};
  auto admin = AdminServer::start(*options_.admin, loop_, admin_source());
  if (!admin) return fail(options_.admin_origin, admin.error());
  admin_ = std::move(*admin);
  return {};
}

Result<void> EdgeProcess::open_tun() {
  if (!options_.tun) return {};
  auto tun = TunDevice::open({.name = options_.tun->name,
                              .mtu = options_.tun->mtu,
                              .addresses = options_.tun->addresses,
                              .routes = routes_of(options_)});
  if (!tun) return tl::make_unexpected(tun.error());
  tun_ = std::move(*tun);
  return loop_.watch(tun_->fd(), [this] {
    tun_->read(pool_, [this](Packet packet) {
      edge_.on_client_packet(std::move(packet), *tun_, loop_.now());
    });
  });
}

Result<void> EdgeProcess::watch() {
  for (const auto& socket : sockets_.sockets()) {
    auto watched = loop_.watch(socket->fd(), [this, &socket = *socket] {
      socket.read([this](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
        endpoint_->on_packets(path, bytes, segment_size, loop_.now());
      });
    });
    if (!watched) return watched;
  }
  for (const int signal : {SIGTERM, SIGINT}) {
    if (auto caught = loop_.on_signal(signal, [this] { stop(); }); !caught) return caught;
  }
  return loop_.on_signal(SIGHUP, [this] { reload(); });
}

void EdgeProcess::run() {
  warn_of_missing_tokens();
  for (const auto& socket : sockets_.sockets()) {
    log::info("listening on {}", socket->local().to_string());
  }
  notify_ready();
  loop_.run({.on_deadline =
                 [this](Time now) {
                   endpoint_->on_time(now);
                   edge_.on_time(now);
                 },
             .on_turn_end = [this](Time now) { end_turn(now); }});
}

void EdgeProcess::end_turn(Time now) {
  edge_.run(now);
  endpoint_->flush(now, sockets_);
  sockets_.flush();
  loop_.set_deadline(std::min(edge_.next_deadline(), endpoint_->next_deadline()));
}

void EdgeProcess::reload() {
  notify_reloading();
  auto options = reload_();
  auto config = options ? make_edge_config(*options, config_version_now())
                        : Result<edge::EdgeConfig>(tl::make_unexpected(options.error()));
  if (config) {
    edge_.reconfigure(*config);
    change_routes(*options);
    options_.tunnels = options->tunnels;
    warn_of_missing_tokens();
    log::info("reloaded: {} tunnels", options_.tunnels.size());
  } else {
    log::error("not reloaded, the old configuration stays in force: {}", config.error().message);
  }
  notify_ready();
}

void EdgeProcess::warn_of_missing_tokens() const {
  for (const edge::Tunnel& tunnel : edge_.tunnels().tunnels()) {
    if (tunnel.removed || has_token(tunnel.config)) continue;
    log::warn(
        "tunnel {0} has no token yet, so no connector can serve it: make one with "
        "`oneping tunnel token {0}`, then reload",
        tunnel.config.name);
  }
}

void EdgeProcess::change_routes(const EdgeOptions& options) {
  if (!tun_) return;
  const auto before = routes_of(options_);
  const auto after = routes_of(options);
  std::vector<Prefix> gone;
  std::vector<Prefix> added;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  for (const Prefix& prefix : gone) {
    if (auto done = tun_->remove_route(prefix); !done) log::warn("{}", done.error().message);
  }
  for (const Prefix& prefix : added) {
    if (auto done = tun_->add_route(prefix); !done) log::warn("{}", done.error().message);
  }
}

void EdgeProcess::stop() {
  log::info("stopping");
  notify_stopping();
  edge_.shut_down();
  loop_.stop();  // after this turn, which sends the goodbyes
}

AdminSource EdgeProcess::admin_source() {
  return {.is_ready = [] { return true; },
          .details =
              [this] {
                std::size_t connections = 0;
                for (const auto& tunnel : edge_.tunnels().tunnels()) {
                  connections += tunnel.connections.size();
                }
                return nlohmann::json{{"tunnels", options_.tunnels.size()},
                                      {"connections", connections}};
              },
          .metrics = [this] { return edge_metrics(edge_, *endpoint_, sockets_, tun_.get()); }};
}

}  // namespace oneping
