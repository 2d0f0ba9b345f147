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
    changes_[tunnel] = health;
  }
  wake_.notify_one();
}

void ControlThread::run() {
  for (;;) {
    std::map<Uuid, edge::TunnelHealth> changes;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kBeat, [this] { return stopping_ || !changes_.empty(); });
      if (stopping_ && changes_.empty()) return;
      changes.swap(changes_);
    }
    for (const auto& [tunnel, health] : changes) control_.on_tunnel_health(tunnel, health);
    control_.on_time();
  }
}

}  // namespace oneping
