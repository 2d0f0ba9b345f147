// The edge as a process: opens what it needs, feeds its role from descriptors and clock, and
// flushes once a turn.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "app/admin_server.h"
#include "app/control_plane.h"
#include "app/edge_identity.h"
#include "app/edge_options.h"
#include "app/enrolment_desk.h"
#include "app/flow_log_writer.h"
#include "app/listen_sockets.h"
#include "app/loop_edge.h"
#include "base/packet.h"
#include "edge/edge.h"
#include "io/event_loop.h"
#include "io/tun_device.h"
#include "quic/crypto.h"
#include "quic/endpoint.h"

namespace oneping {

class EdgeProcess final : private edge::EdgeEvents {
 public:
  using Reload = std::function<Result<EdgeOptions>()>;

  // Everything is open when this returns; what could not be had is an error that says so.
  [[nodiscard]] static Result<std::unique_ptr<EdgeProcess>> start(const EdgeOptions& options,
                                                                  Reload reload);
  ~EdgeProcess();

  // Until SIGTERM or SIGINT.
  void run();

 private:
  EdgeProcess(const EdgeOptions& options, Reload reload, std::optional<FlowLogFile> flow_log);

  [[nodiscard]] Result<void> open(const EdgeIdentity& identity);
  [[nodiscard]] Result<void> open_sockets(const EdgeIdentity& identity);
  [[nodiscard]] Result<void> open_tun();
  [[nodiscard]] Result<void> open_servers();
  [[nodiscard]] Result<void> watch();
  void end_turn(Time now);
  void reload();
  void stop();
  void on_tunnel_health(const edge::TunnelConfig& tunnel, edge::TunnelHealth health) override;
  void on_device_online(edge::DeviceId device, bool is_online) override;
  [[nodiscard]] AdminSource admin_source();

  EdgeOptions options_;
  Reload reload_;
  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  ListenSockets sockets_;
  const std::shared_ptr<control::FlowFeed> flow_feed_ = std::make_shared<control::FlowFeed>();
  FlowLogWriter flow_log_;
  std::unique_ptr<TunDevice> tun_;
  EnrolmentDesk desk_{loop_};
  edge::Edge edge_;
  edge::ClientRef tun_client_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  LoopEdge loop_edge_{loop_, edge_};
  std::unique_ptr<ControlPlane> control_plane_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace oneping
