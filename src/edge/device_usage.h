// What a device uses of the edge now, over all its sessions, and the limits to it.
#pragma once

#include <utility>

#include "base/token_bucket.h"
#include "edge/config.h"

namespace oneping::edge {

class DeviceUsage {
 public:
  explicit DeviceUsage(const DeviceLimits& limits) { limit(limits); }
  DeviceUsage(const DeviceUsage&) = delete;
  DeviceUsage& operator=(const DeviceUsage&) = delete;

  // Flows that there are stay.
  void limit(const DeviceLimits& limits) {
    packets_ = TokenBucket(limits.packets_per_second, limits.packets_per_second);
    max_flows_ = limits.flows;
  }

  [[nodiscard]] bool may_send(Time now) { return packets_.take(now); }
  [[nodiscard]] bool may_begin_flow() const { return flows_ < max_flows_; }
  [[nodiscard]] std::size_t flows() const { return flows_; }

 private:
  friend class FlowTicket;
  TokenBucket packets_;
  std::size_t max_flows_ = 0;
  std::size_t flows_ = 0;
};

// Counts as a flow of its device while it lives. The usage must outlive it.
class FlowTicket {
 public:
  FlowTicket() = default;
  explicit FlowTicket(DeviceUsage* usage) : usage_(usage) {
    if (usage_ != nullptr) ++usage_->flows_;
  }
  FlowTicket(FlowTicket&& other) noexcept : usage_(std::exchange(other.usage_, nullptr)) {}
  FlowTicket& operator=(FlowTicket&& other) noexcept {
    FlowTicket taken(std::move(other));
    std::swap(usage_, taken.usage_);
    return *this;
  }
  ~FlowTicket() {
    if (usage_ != nullptr) --usage_->flows_;
  }

 private:
  DeviceUsage* usage_ = nullptr;
};

}  // namespace oneping::edge
