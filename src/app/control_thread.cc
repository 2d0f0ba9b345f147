#include "app/control_thread.h"

#include <chrono>

namespace oneping {

namespace {
// So late at most does a policy begin or end, although the clock may be set at any time.
constexpr std::chrono::milliseconds kBeat{50};
}  // namespace

ControlThread::ControlThread(control::Control& control) : control_(control) {
  thread_ = std::thread([this] { run(); });
}

ControlThread::~ControlThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ControlThread::on_tunnel_health(const Uuid& tunnel, edge::TunnelHealth health) {
  {
    const std::lock_guard lock(mutex_);
    tunnels_[tunnel] = health;
  }
  wake_.notify_one();
}

void ControlThread::on_device_online(edge::DeviceId device, bool is_online) {
  {
    const std::lock_guard lock(mutex_);
    devices_[device] = is_online;
  }
  wake_.notify_one();
}

void ControlThread::run() {
  for (;;) {
    std::map<Uuid, edge::TunnelHealth> tunnels;
    std::map<edge::DeviceId, bool> devices;
    {
      std::unique_lock lock(mutex_);
      const auto is_idle = [this] { return tunnels_.empty() && devices_.empty(); };
      wake_.wait_for(lock, kBeat, [&] { return stopping_ || !is_idle(); });
      if (stopping_ && is_idle()) return;
      tunnels.swap(tunnels_);
      devices.swap(devices_);
    }
    for (const auto& [tunnel, health] : tunnels) control_.on_tunnel_health(tunnel, health);
    if (!devices.empty()) control_.on_devices_online(devices);
    control_.on_time();
    control_.sample_tunnels();
  }
}

}  // namespace oneping
