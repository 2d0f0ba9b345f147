// The echo backend of Darwin (macOS): one datagram ICMP socket for each family, whose messages are
// told apart by ids that are chosen here. On Linux the same code runs over raw sockets, for tests:
// see darwin_system.h for what differs.
//
// Requests leave at once, for this system takes one with each call. ICMP errors come in among the
// replies. `host` must outlive this.
#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "io/darwin_socket.h"
#include "io/echo_outcomes.h"
#include "io/host_addresses.h"
#include "io/system_echo.h"
#include "proxy/echo_ids.h"

namespace oneping {

// What the system lets us open. Apart from the backend, for what stands in for it needs a privilege
// that the connector gives up before it begins.
struct DarwinSockets {
  std::vector<DarwinSocket> open;    // at most one for each family
  std::array<int, 2> open_errors{};  // errno, by family; 0: it is open

  [[nodiscard]] static DarwinSockets open_all();
};

class EchoDarwin final : public SystemEcho {
 public:
  struct Options {
    std::uint16_t channels = 16;  // ids for each kind: 65536 outstanding requests apiece
  };

  EchoDarwin(Options options, DarwinSockets sockets, const HostAddresses& host, Random& random);

  [[nodiscard]] int open_error(IpFamily family) const override {
    return sockets_.open_errors[static_cast<std::size_t>(family)];
  }
  [[nodiscard]] std::vector<int> descriptors() const override;
  bool on_readable(std::size_t socket_index, EchoReplies& replies, Time now) override;

  [[nodiscard]] std::uint16_t channels(EchoChannelKind kind) const override;
  // Refuses too_big: payloads that no packet of the family holds.
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

  [[nodiscard]] const StageCounters& send_counters() const override { return send_counters_; }
  // Other programs' messages are among them: no_flow.
  [[nodiscard]] const StageCounters& receive_counters() const override { return receive_counters_; }
  [[nodiscard]] std::uint64_t kernel_drops() const override { return 0; }

 private:
  // Of a kind that has channels.
  [[nodiscard]] DarwinSocket& socket(EchoChannelKind kind);
  void handle(const DarwinMessage& message, EchoReplies& replies, Time now);

  const HostAddresses& host_;
  DarwinSockets sockets_;
  EchoIds ids_;
  EchoSendFailures failures_;
  StageCounters send_counters_;
  StageCounters receive_counters_;
};

}  // namespace oneping
