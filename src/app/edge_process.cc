#include "app/edge_process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/control_metrics.h"
#include "app/edge_config.h"
#include "app/edge_metrics.h"
#include "app/service_notify.h"
#include "base/log.h"
#include "masque/device_messages.h"
#include "quic/crypto.h"
#include "quic/tls.h"
#include "tunnel/protocol.h"

namespace oneping {

namespace {

constexpr const char* kNoFlowLog = "none";

// See edge::EdgeConfig::config_version.
std::int32_t config_version_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
}

// Connectors are silent for 5 s at most, which they say themselves; devices may sleep.
quic::EndpointOptions make_endpoint_options(const EdgeOptions& options,
                                            const EdgeIdentity& identity) {
  quic::EndpointOptions endpoint;
  endpoint.transport.idle_timeout = std::chrono::seconds(30);
  endpoint.transport.max_stream_backlog = 8 << 20;  // a device is told of all routes at once
  endpoint.max_connections = options.max_connections;
  endpoint.static_secret = identity.static_secret;
  return endpoint;
}

// Nothing if there is to be none.
Result<std::optional<FlowLogFile>> open_flow_log(const EdgeOptions& options) {
  if (options.flow_log.file == kNoFlowLog) return std::nullopt;
  const std::string path =
      options.flow_log.file.empty() ? options.state + "/flows.jsonl" : options.flow_log.file;
  auto file = FlowLogFile::open(path, options.flow_log.max_size);
  if (!file) return tl::make_unexpected(file.error());
  return std::move(*file);
}

}  // namespace

Result<std::unique_ptr<EdgeProcess>> EdgeProcess::start(const EdgeOptions& options, Reload reload) {
  quic::SecureRandom random;
  std::vector<std::string> names = options.server_names;
  names.emplace_back(masque::kEdgeServerName);
  const auto identity = load_or_make_identity(options.state, names, random);
  if (!identity) return tl::make_unexpected(identity.error());
  auto flow_log = open_flow_log(options);
  if (!flow_log) return tl::make_unexpected(flow_log.error());
  std::unique_ptr<EdgeProcess> process(
      new EdgeProcess(options, std::move(reload), std::move(*flow_log)));
  if (auto opened = process->open(*identity); !opened) return tl::make_unexpected(opened.error());
  return process;
}

EdgeProcess::EdgeProcess(const EdgeOptions& options, Reload reload,
                         std::optional<FlowLogFile> flow_log)
    : options_(options),
      reload_(std::move(reload)),
      flow_log_(std::move(flow_log), flow_feed_),
      edge_(make_edge_config(options, config_version_now()), pool_, random_,
            {.events = this, .flow_log = &flow_log_, .registrar = &desk_}) {}

// Sessions let go of their QUIC connections before the endpoint is destroyed.
EdgeProcess::~EdgeProcess() { edge_.shut_down(); }

Result<void> EdgeProcess::open(const EdgeIdentity& identity) {
  if (auto opened = open_sockets(identity); !opened) return opened;
  auto control_plane = ControlPlane::open(options_, identity, loop_edge_, flow_feed_);
  if (!control_plane) return tl::make_unexpected(control_plane.error());
  control_plane_ = std::move(*control_plane);
  if (auto opened = open_tun(); !opened) return opened;
  edge_.apply(control_plane_->control().snapshot());
  if (auto watched = watch(); !watched) return watched;
  return open_servers();
}

Result<void> EdgeProcess::open_sockets(const EdgeIdentity& identity) {
  auto sockets = ListenSockets::open(options_.listen);
  if (!sockets) return fail(options_.listen_origin, sockets.error());
  sockets_ = std::move(*sockets);
  auto tls = quic::TlsContext::server({.certificate_pem = identity.certificate_pem,
                                       .key_pem = identity.key_pem,
                                       .alpn = {tunnel::kAlpn, masque::kDeviceAlpn},
                                       .client_ca_pem = identity.ca_pem});
  if (!tls) return fail("the edge's certificate", tls.error());
  endpoint_ = std::make_unique<quic::Endpoint>(make_endpoint_options(options_, identity),
                                               std::move(*tls), random_, &edge_);
  return {};
}

// The device has the routes of its virtual network, now and from now on.
Result<void> EdgeProcess::open_tun() {
  if (!options_.tun) return {};
  const auto device = control_plane_->ensure_ingress(*options_.tun);
  if (!device) return fail("the TUN device's identity", device.error());
  const auto routes = prefixes_for(control_plane_->control().snapshot(), *device);
  auto tun = TunDevice::open({.name = options_.tun->name,
                              .mtu = options_.tun->mtu,
                              .addresses = options_.tun->addresses,
                              .routes = routes});
  if (!tun) return tl::make_unexpected(tun.error());
  tun_ = std::move(*tun);
  loop_edge_.follow_routes(*tun_, *device, routes);
  tun_client_ = edge_.add_client(*tun_, *device);
  return loop_.watch(tun_->fd(), [this] {
    tun_->read(pool_, [this](Packet packet) {
      edge_.on_client_packet(std::move(packet), tun_client_, loop_.now());
    });
  });
}

Result<void> EdgeProcess::open_servers() {
  control_plane_->enrol_by(desk_);
  if (auto served = control_plane_->serve(options_); !served) return served;
  if (!options_.admin) return {};
  auto admin = AdminServer::start(*options_.admin, loop_, admin_source());
  if (!admin) return fail(options_.admin_origin, admin.error());
  admin_ = std::move(*admin);
  return {};
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
  if (const auto options = reload_()) {
    edge_.reconfigure(make_edge_config(*options, config_version_now()));
    log::info("reloaded");
  } else {
    log::error("not reloaded, the old configuration stays in force: {}", options.error().message);
  }
  notify_ready();
}

void EdgeProcess::on_tunnel_health(const edge::TunnelConfig& tunnel, edge::TunnelHealth health) {
  log::info("tunnel {} is {}", tunnel.name, edge::to_string(health));
  control_plane_->on_tunnel_health(tunnel.id, health);
}

void EdgeProcess::on_device_online(edge::DeviceId device, bool is_online) {
  control_plane_->on_device_online(device, is_online);
}

void EdgeProcess::stop() {
  log::info("stopping");
  notify_stopping();
  edge_.tunnels().tunnels().for_each([this](auto, const edge::LiveTunnel& tunnel) {
    if (!tunnel.connectors.empty()) {
      control_plane_->on_tunnel_health(tunnel.config->id, edge::TunnelHealth::down);
    }
  });
  edge_.shut_down();
  loop_.stop();  // after this turn, which sends the goodbyes
}

AdminSource EdgeProcess::admin_source() {
  return {.is_ready = [] { return true; },
          .details =
              [this] {
                return nlohmann::json{{"tunnels", edge_.tunnels().tunnels().size()},
                                      {"connections", edge_.tunnels().connections().size()},
                                      {"devices", edge_.devices().devices_online()}};
              },
          .metrics =
              [this] {
                return edge_metrics({edge_, *endpoint_, sockets_, tun_.get(), flow_log_});
              },
          .metrics_off_loop = [this] { return control_metrics(*control_plane_); }};
}

}  // namespace oneping
