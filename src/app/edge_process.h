// The edge as a process: opens what it needs, feeds its role from descriptors and clock, and
// flushes once a turn.
#pragma once

#include <functional>
#include <memory>

#include "app/admin_server.h"
#include "app/edge_identity.h"
#include "app/edge_options.h"
#include "app/listen_sockets.h"
#include "base/packet.h"
#include "edge/edge.h"
#include "io/event_loop.h"
#include "io/tun_device.h"
#include "quic/endpoint.h"

namespace oneping {

class EdgeProcess {
 public:
  using Reload = std::function<Result<EdgeOptions>()>;

  // Everything is open when this returns; what could not be had is an error that says so.
  [[nodiscard]] static Result<std::unique_ptr<EdgeProcess>> start(const EdgeOptions& options,
                                                                  Reload reload);
  ~EdgeProcess();

  // Until SIGTERM or SIGINT.
  void run();

 private:
  EdgeProcess(const EdgeOptions& options, Reload reload, const edge::EdgeConfig& config);

  [[nodiscard]] Result<void> open(const EdgeIdentity& identity);
  [[nodiscard]] Result<void> open_tun();
  [[nodiscard]] Result<void> watch();
  void end_turn(Time now);
  void reload();
  // Makes the TUN device's routes those of `options`.
  void change_routes(const EdgeOptions& options);
  void warn_of_missing_tokens() const;
  void stop();
  [[nodiscard]] AdminSource admin_source();

  EdgeOptions options_;
  Reload reload_;
  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  ListenSockets sockets_;
  std::unique_ptr<TunDevice> tun_;
  edge::Edge edge_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace oneping
