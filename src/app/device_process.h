// A device that is up: an interface for the host's packets, a session for them, and a process
// beside it that keeps addresses and routes.
//
// It begins with CAP_NET_ADMIN, makes the interface, starts the route keeper, and has no capability
// from then on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/admin_server.h"
#include "app/background.h"
#include "app/device_control.h"
#include "app/device_options.h"
#include "app/device_sockets.h"
#include "app/device_state.h"
#include "app/device_status.h"
#include "app/route_keeper.h"
#include "device/device.h"
#include "io/clock_monitor.h"
#include "io/network_monitor.h"
#include "io/tun_device.h"
#include "quic/crypto.h"

namespace oneping {

enum class Stay : bool { in_foreground, in_background };

class DeviceProcess final : private device::DeviceEvents {
 public:
  [[nodiscard]] static Result<std::unique_ptr<DeviceProcess>> start(const DeviceOptions& options,
                                                                    Stay stay, ReadyReport report);
  ~DeviceProcess() override;

  // Until it is told to stop; or, before its first session, until waiting will not help, which is
  // the error.
  [[nodiscard]] Result<void> run();

 private:
  struct Privileged {
    std::unique_ptr<TunDevice> tun;
    std::unique_ptr<RouteKeeper> keeper;
  };
  [[nodiscard]] static Result<Privileged> begin_privileged(const DeviceOptions& options);

  DeviceProcess(const DeviceOptions& options, Stay stay, ReadyReport report, StoredDevice device,
                Privileged privileged, NetworkMonitor network, ClockMonitor clock,
                std::shared_ptr<const quic::TlsContext> tls);

  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> watch();
  void on_deadline(Time now);
  void end_turn(Time now);
  void stop(const std::string& why);
  void fail_for_good(const std::string& why);

  // device::DeviceEvents
  void on_plan_changed(const device::InterfacePlan& plan, Time now) override;
  void on_session_up(Time now) override;
  void on_session_down(const device::Problem& why, Time now) override;
  void on_attempt_failed(const device::Problem& why, Time now) override;
  void on_renewed(const device::CertificateChain& certificate, Time now) override;

  void on_network_event();
  void on_keeper_answer();
  void tell_ready();
  [[nodiscard]] std::string answer(const std::string& question);
  [[nodiscard]] DeviceReport report(Time now);
  [[nodiscard]] AdminSource admin_source();
  void bound_log();

  const DeviceOptions options_;
  const Stay stay_;
  ReadyReport ready_;
  const DeviceState state_;
  StoredDevice stored_;
  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  std::unique_ptr<TunDevice> tun_;
  std::unique_ptr<RouteKeeper> keeper_;
  NetworkMonitor network_;
  ClockMonitor clock_;
  EdgeAddresses edges_;
  DeviceSockets sockets_;
  std::unique_ptr<device::Device> device_;
  std::unique_ptr<DeviceControl> control_;
  std::unique_ptr<AdminServer> admin_;

  std::string interface_problems_;
  bool has_been_ready_ = false;
  Time give_up_at_ = kNever;  // before the first session, in the background
  std::optional<device::Problem> last_problem_;
  std::optional<Error> fatal_;
};

}  // namespace oneping
