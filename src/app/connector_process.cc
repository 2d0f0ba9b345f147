#include "app/connector_process.h"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/connector_metrics.h"
#include "app/files.h"
#include "app/service_notify.h"
#include "app/version.h"
#include "base/log.h"
#include "io/capabilities.h"
#include "io/echo_linux.h"
#include "io/file_limit.h"
#include "io/ping_permission.h"
#include "io/system_error.h"
#include "quic/tls.h"
#include "tunnel/protocol.h"

namespace oneping {

namespace {

constexpr std::size_t kMaxCaFileSize = 1 << 20;
// Besides UDP sockets: ping sockets, connections, HTTP.
constexpr std::size_t kOtherFiles = 256;

bool has_icmp(const SystemEcho& echo, IpFamily family) {
  using enum EchoChannelKind;
  if (family == IpFamily::v6) {
    return echo.channels(v6_dont_fragment) > 0 && echo.channels(v6_may_fragment) > 0;
  }
  return echo.channels(v4_dont_fragment) > 0 && echo.channels(v4_may_fragment) > 0;
}

// Why this host does not let us ping, in one line; nothing: it does. Says what to do, once.
std::optional<std::string> check_icmp(const SystemEcho& echo, IpFamily family,
                                      const std::optional<std::string>& known = {}) {
  if (has_icmp(echo, family)) return std::nullopt;
  const auto diagnosis = diagnose_ping(family, echo.open_error(family), gather_ping_facts());
  // Both families share the sysctl.
  if (known != diagnosis.cause) {
    log::warn("ICMP is unavailable: {}; {}", diagnosis.cause, diagnosis.fix);
  }
  return diagnosis.cause;
}

// A socket is an open file. As many as are wanted, if this process may have so many.
std::size_t udp_sockets(const ConnectorOptions& options) {
  if (options.udp == tunnel::UdpCarriage::off) return 0;
  const std::size_t files = raise_file_limit();
  const std::size_t possible = files > kOtherFiles ? files - kOtherFiles : 0;
  const std::size_t wanted = options.udp_mappings.max_mappings;
  if (possible < wanted) {
    log::warn(
        "at most {} UDP sockets at once instead of {}: this process may have {} open files; "
        "raise that with LimitNOFILE= or `ulimit -n`",
        possible, wanted, files);
  } else {
    log::info("up to {} UDP sockets at once; this process may have {} open files", wanted, files);
  }
  return std::min(possible, wanted);
}

connector::ConnectorConfig make_config(const ConnectorOptions& options,
                                       const tunnel::TunnelToken& token, const SystemEcho& echo,
                                       Random& random) {
  connector::ConnectorConfig config;
  config.tunnel_id = token.tunnel_id;
  config.account = token.account;
  config.secret = token.secret;
  random.fill(config.connector_id);
  config.version = std::string("oneping ") + kVersion;
  config.arch = kArchitecture;
  config.connections = options.connections;
  config.datagram = options.datagram;
  // Without ping sockets the tunnel runs on: it answers "administratively prohibited".
  config.icmp_v4_unavailable = check_icmp(echo, IpFamily::v4);
  config.icmp_v6_unavailable = check_icmp(echo, IpFamily::v6, config.icmp_v4_unavailable);
  config.hop_v4 = options.hop_ipv4;
  config.hop_v6 = options.hop_ipv6;
  if (options.hop_names) config.forwarding.interface_name = "connector";
  config.probes.per_second = options.probes_per_second;
  config.probes.burst = std::max(options.probes_per_second / 5, 1u);
  config.probes.per_client = std::max(options.probes_per_second / 2, 1u);
  config.grace_period = options.grace_period;
  config.echo.allow_destinations = options.allow_destination;
  config.udp_carriage = options.udp;
  config.udp.mappings = options.udp_mappings;
  config.udp.allow_destinations = options.allow_destination;
  return config;
}

// Trust: a CA file if one is given, else the token's pin, else the system's authorities.
Result<std::shared_ptr<const quic::TlsContext>> make_tls(const ConnectorOptions& options,
                                                         const tunnel::TunnelToken& token) {
  quic::ClientTlsOptions tls{.server_name = options.edge_server_name, .alpn = {tunnel::kAlpn}};
  if (!options.edge_ca.empty()) {
    auto pem = read_file(options.edge_ca, kMaxCaFileSize);
    if (!pem) return tl::make_unexpected(pem.error());
    tls.ca_pem = std::move(*pem);
  } else if (token.edge_pin) {
    tls.pins = {*token.edge_pin};
  }
  return quic::TlsContext::client(tls);
}

// The sockets that stand in for Darwin's, while this process may still open them.
Result<std::optional<DarwinSockets>> open_darwin_sockets(const ConnectorOptions& options) {
  if (options.icmp_backend != IcmpBackend::darwin_emulation) return std::nullopt;
  DarwinSockets sockets = DarwinSockets::open_all();
  for (const int error : sockets.open_errors) {
    if (error == 0) continue;
    return fail("--icmp-backend darwin-emulation is for tests and needs CAP_NET_RAW: " +
                errno_text(error));
  }
  return sockets;
}

std::unique_ptr<SystemEcho> make_echo_backend(const ConnectorOptions& options,
                                              std::optional<DarwinSockets> darwin,
                                              const HostAddresses& host, Random& random) {
  if (!darwin) {
    const EchoLinux::Options channels{.channels = options.echo_channels};
    return std::make_unique<EchoLinux>(channels, host, random);
  }
  log::warn("echo requests leave by the code for macOS, over raw sockets: this is for tests");
  const EchoDarwin::Options channels{.channels = options.echo_channels};
  return std::make_unique<EchoDarwin>(channels, std::move(*darwin), host, random);
}

}  // namespace

Result<std::unique_ptr<ConnectorProcess>> ConnectorProcess::start(const ConnectorOptions& options) {
  auto darwin = open_darwin_sockets(options);
  if (!darwin) return tl::make_unexpected(darwin.error());
  if (auto dropped = drop_all_capabilities(); !dropped) {
    return tl::make_unexpected(dropped.error());
  }
  const auto file = read_token_file(options.token_file);
  if (!file) return tl::make_unexpected(file.error());
  if (file->readable_by_others) {
    log::warn("the token in {0} can be read by others: chmod 600 {0}", options.token_file);
  }
  auto tls = make_tls(options, file->token);
  if (!tls) return tl::make_unexpected(tls.error());
  auto host = HostAddresses::open();
  if (!host) return tl::make_unexpected(host.error());
  std::unique_ptr<ConnectorProcess> process(new ConnectorProcess(
      options, file->token, std::move(*host), std::move(*darwin), std::move(*tls)));
  if (auto opened = process->open(); !opened) return tl::make_unexpected(opened.error());
  return process;
}

ConnectorProcess::ConnectorProcess(const ConnectorOptions& options,
                                   const tunnel::TunnelToken& token, HostAddresses host,
                                   std::optional<DarwinSockets> darwin,
                                   std::shared_ptr<const quic::TlsContext> tls)
    : options_(options),
      host_(std::move(host)),
      edges_(options.edge, loop_),
      echo_(make_echo_backend(options, std::move(darwin), host_, random_)),
      udp_({.max_sockets = udp_sockets(options)}, host_, random_),
      uplinks_(options.connections, std::move(tls), edges_, host_, loop_, random_),
      connector_(make_config(options, token, *echo_, random_), uplinks_, *echo_, udp_, tcp_, pool_,
                 random_) {}

ConnectorProcess::~ConnectorProcess() = default;

Result<void> ConnectorProcess::open() {
  if (auto watched = watch(); !watched) return watched;
  if (!options_.admin) return {};
  auto admin = AdminServer::start(*options_.admin, loop_, admin_source());
  if (!admin) return fail(options_.admin_origin, admin.error());
  admin_ = std::move(*admin);
  return {};
}

Result<void> ConnectorProcess::watch() {
  const auto descriptors = echo_->descriptors();
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    auto watched = loop_.watch(
        descriptors[i], [this, i] { echo_->on_readable(i, connector_.replies(), loop_.now()); });
    if (!watched) return watched;
  }
  if (auto watched = loop_.watch(host_.fd(), [this] { host_.on_readable(); }); !watched) {
    return watched;
  }
  const auto on_udp = [this] { udp_.on_readable(connector_.udp_replies(), loop_.now()); };
  if (auto watched = loop_.watch(udp_.fd(), on_udp); !watched) return watched;
  if (auto watched = loop_.watch(tcp_.fd(), [this] { tcp_.on_readable(); }); !watched) {
    return watched;
  }
  for (const int signal : {SIGTERM, SIGINT}) {
    if (auto caught = loop_.on_signal(signal, [this] { on_stop_signal(); }); !caught) return caught;
  }
  return loop_.on_signal(SIGHUP, [] {
    log::info("the connector has nothing to reload: the edge pushes its configuration");
  });
}

Result<void> ConnectorProcess::run() {
  edges_.resolve([this] { connector_.start(loop_.now()); });
  loop_.run({.on_deadline =
                 [this](Time now) {
                   uplinks_.on_time(now);
                   connector_.on_time(now);
                 },
             .on_turn_end = [this](Time now) { end_turn(now); }});
  if (connector_.fatal()) return fail(*connector_.fatal());
  return {};
}

void ConnectorProcess::end_turn(Time now) {
  connector_.run(now);
  echo_->flush(connector_.replies(), now);
  udp_.flush(connector_.udp_replies(), now);
  uplinks_.flush(now);
  loop_.set_deadline(std::min(connector_.next_deadline(), uplinks_.next_deadline()));
  if (connector_.is_drained() || connector_.fatal()) return loop_.stop();
  if (!told_ready_ && connector_.ready_connections() > 0) {
    told_ready_ = true;
    notify_ready();
  }
}

void ConnectorProcess::on_stop_signal() {
  if (connector_.is_draining()) return loop_.stop();
  log::info("draining: no new flows, answers under way are waited for");
  notify_stopping();
  connector_.drain(loop_.now());
}

AdminSource ConnectorProcess::admin_source() {
  return {.is_ready = [this] { return connector_.ready_connections() > 0; },
          .details =
              [this] {
                const auto& config = connector_.config();
                const auto& v4 = config.icmp_v4_unavailable;
                const auto& v6 = config.icmp_v6_unavailable;
                nlohmann::json details{{"readyConnections", connector_.ready_connections()},
                                       {"connectorId", to_string(config.connector_id)},
                                       {"icmp", v4 ? "unavailable" : "available"},
                                       {"icmpv6", v6 ? "unavailable" : "available"},
                                       {"udp", tunnel::to_string(config.udp_carriage)},
                                       {"udpSockets", connector_.udp().mappings().capacity()}};
                if (v4 || v6) details["icmpReason"] = v4 ? *v4 : *v6;
                return details;
              },
          .metrics = [this] { return connector_metrics(connector_, *echo_, udp_, uplinks_); }};
}

}  // namespace oneping
