// The connector as a process: gives up every privilege, opens ping sockets and uplinks, feeds the
// role from descriptors and clock, and flushes once a turn.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/admin_server.h"
#include "app/connector_options.h"
#include "app/edge_addresses.h"
#include "app/token_file.h"
#include "app/uplink_sockets.h"
#include "base/packet.h"
#include "connector/connector.h"
#include "io/echo_darwin.h"
#include "io/event_loop.h"
#include "io/host_addresses.h"
#include "io/system_echo.h"
#include "io/tcp_connector.h"
#include "io/udp_linux.h"
#include "quic/crypto.h"

namespace oneping {

class ConnectorProcess {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ConnectorProcess>> start(
      const ConnectorOptions& options);
  ~ConnectorProcess();

  // Until SIGTERM or SIGINT and the end of draining (a second signal ends that), or until the edge
  // refuses the token, which is the error.
  [[nodiscard]] Result<void> run();

 private:
  ConnectorProcess(const ConnectorOptions& options, const tunnel::TunnelToken& token,
                   HostAddresses host, std::optional<DarwinSockets> darwin,
                   std::shared_ptr<const quic::TlsContext> tls);

  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> watch();
  void end_turn(Time now);
  void on_stop_signal();
  [[nodiscard]] AdminSource admin_source();

  ConnectorOptions options_;
  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  HostAddresses host_;
  EdgeAddresses edges_;
  std::unique_ptr<SystemEcho> echo_;
  UdpLinux udp_;
  TcpConnector tcp_;
  UplinkSockets uplinks_;
  connector::Connector connector_;
  std::unique_ptr<AdminServer> admin_;
  bool told_ready_ = false;
};

}  // namespace oneping
