// The control plane as parts of a process: the store in the state folder, the rules about changes,
// the API's servers, and the thread that writes down what the edge observes.
#pragma once

#include <memory>

#include "app/api_server.h"
#include "app/control_thread.h"
#include "app/edge_identity.h"
#include "app/edge_options.h"
#include "app/enrolment_desk.h"
#include "app/loop_edge.h"
#include "control/api.h"
#include "control/control.h"
#include "quic/crypto.h"

namespace oneping {

class ControlPlane {
 public:
  // Opens the store. `edge` must outlive it; its verdicts come by `flow_feed`.
  [[nodiscard]] static Result<std::unique_ptr<ControlPlane>> open(
      const EdgeOptions& options, const EdgeIdentity& identity, LoopEdge& edge,
      std::shared_ptr<control::FlowFeed> flow_feed);
  ~ControlPlane();

  // What comes in by the TUN device, as the store knows it.
  [[nodiscard]] Result<edge::DeviceId> ensure_ingress(const EdgeOptions::Tun& tun);

  // Enrols devices from now on, by way of `desk`, which must live as long as this.
  void enrol_by(EnrolmentDesk& desk);

  // Listens for requests, and for what the clock changes: whatever comes after the snapshot that
  // the edge began with, it is told. Its loop should begin to run soon, for requests wait for it.
  [[nodiscard]] Result<void> serve(const EdgeOptions& options);

  // From the edge's loop, without waiting, once it serves.
  void on_tunnel_health(const Uuid& tunnel, edge::TunnelHealth health) {
    thread_->on_tunnel_health(tunnel, health);
  }
  void on_device_online(edge::DeviceId device, bool is_online) {
    thread_->on_device_online(device, is_online);
  }

  [[nodiscard]] control::Control& control() { return *control_; }
  [[nodiscard]] const control::Api& api() const { return *api_; }

 private:
  ControlPlane() = default;
  void announce_dashboard(const SocketAddress& listening);

  quic::SecureRandom random_;
  std::unique_ptr<control::Store> store_;
  std::unique_ptr<control::Control> control_;
  std::unique_ptr<control::Api> api_;
  std::unique_ptr<control::Registrar> registrar_;
  EnrolmentDesk* desk_ = nullptr;
  std::unique_ptr<ControlThread> thread_;
  std::unique_ptr<ApiServer> socket_server_;
  std::unique_ptr<ApiServer> tcp_server_;
};

}  // namespace oneping
