// The echo backend of Windows: one call of the ICMP helper functions for each request. This is all
// of it but the calls themselves (icmp_helper.h).
//
// Each request that is out has an operation: the memory that the system reads and writes until it
// says that the request is over. That may be after the backend is gone, so an operation that is
// out then lives on alone and ends with its completion. If the thread never waits for completions
// again its memory is lost, which is better than lent.
//
// The number of operations is bounded; memory grows to what they needed at most, and stays. The
// bound is shared, so that hosts which never answer take from it for `timeout` each.
//
// Completions come while the thread waits; on_completions() hands them over afterwards. Duplicates
// are never seen, and nothing after the timeout.
//
// helper and host must outlive this.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/counters.h"
#include "proxy/echo_backend.h"
#include "proxy/host_network.h"
#include "proxy/icmp_helper.h"

namespace oneping {

class EchoWindows final : public EchoBackend {
 public:
  struct Options {
    std::size_t outstanding = 200;  // of both families together
    std::chrono::milliseconds timeout = std::chrono::seconds(5);
  };

  EchoWindows(Options options, IcmpHelper& helper, const HostNetwork& host);
  ~EchoWindows() override;
  EchoWindows(const EchoWindows&) = delete;
  EchoWindows& operator=(const EchoWindows&) = delete;

  // The system's error why this family is not there; 0 if it is.
  [[nodiscard]] std::uint32_t open_error(IpFamily family) const {
    return open_errors_[static_cast<std::size_t>(family)];
  }

  // To be called after each alertable wait: hands over what has come.
  void on_completions(EchoReplies& replies, Time now);

  [[nodiscard]] std::uint16_t channels(EchoChannelKind kind) const override;
  // Refuses too_big: payloads that no packet of the family holds; and queue_full.
  [[nodiscard]] std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request,
                                               Time now) override;
  void flush(EchoReplies& replies, Time now) override;
  [[nodiscard]] std::optional<IpAddress> source_for(const IpAddress& destination) const override {
    return host_.source_for(destination);
  }
  [[nodiscard]] bool is_own_address(const IpAddress& address) const override {
    return host_.is_own(address);
  }
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override {
    return host_.is_broadcast(address);
  }

  // Requests: forwarded to the system; answered, for it did not take them and the client was told;
  // dropped; or held until the next flush().
  [[nodiscard]] const StageCounters& send_counters() const { return send_counters_; }
  // Requests that something was heard of: forwarded to EchoReplies, or dropped.
  [[nodiscard]] const StageCounters& receive_counters() const { return receive_counters_; }
  // Requests that nothing was heard of.
  [[nodiscard]] std::uint64_t timed_out() const { return timed_out_; }
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }

 private:
  struct Operation;

  [[nodiscard]] Operation* take_operation();
  void on_completed(Operation& operation);
  void hand_over(const Operation& operation, std::uint32_t error, EchoReplies& replies, Time now);

  const Options options_;
  IcmpHelper& helper_;
  const HostNetwork& host_;
  std::array<std::uint32_t, 2> open_errors_;
  std::vector<std::unique_ptr<Operation>> operations_;  // all of them
  std::vector<Operation*> idle_;
  std::vector<Operation*> refused_;    // since the last flush()
  std::vector<Operation*> completed_;  // since the last on_completions()
  std::vector<Operation*> handed_;     // the other half of both
  std::size_t outstanding_ = 0;        // in the system's hands
  StageCounters send_counters_;
  StageCounters receive_counters_;
  std::uint64_t timed_out_ = 0;
};

}  // namespace oneping
