// The control plane's own thread: writes down what the edge's loop observes, which the loop must
// not wait for, and wakes the control plane when a policy or a token begins or ends.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "control/control.h"

namespace oneping {

class ControlThread {
 public:
  // `control` must outlive it.
  explicit ControlThread(control::Control& control);
  ~ControlThread();
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  // From any thread, without waiting. Of several changes that are waiting for one tunnel only the
  // last is told.
  void on_tunnel_health(const Uuid& tunnel, edge::TunnelHealth health);
  // The same for devices.
  void on_device_online(edge::DeviceId device, bool is_online);

 private:
  void run();

  control::Control& control_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Uuid, edge::TunnelHealth> tunnels_;
  std::map<edge::DeviceId, bool> devices_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace oneping
