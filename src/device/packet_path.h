// What passes between the device's host and the edge, and what does not. The device is a host, not
// a router: hop limits stay as they are (RFC 9484, 4.4).
//
// A packet of the host passes if its source is ours, a route leads to its destination, and it fits;
// else its sender is told why. A packet from the edge passes if it is for us. Link-local and
// multicast packets never do. Every packet ends in exactly one counter of its direction.
#pragma once

#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "base/token_bucket.h"
#include "forward/link.h"
#include "forward/prefix_map.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping::device {

// Who speaks the packets, which decides from where our own ICMP errors seem to come. From our own
// address is the truth. But Linux takes an IPv4 packet with a local source that comes in on a TUN
// device for a forgery, whatever is set; and of other sources it takes, where rp_filter is on, only
// those that it routes to that device. So there they come from the address that the packet was for.
enum class HostKind : std::uint8_t {
  kernel,     // a TUN device
  userspace,  // our own tools
};

class PacketPath {
 public:
  // Of our own errors; a burst may be as large as one second's worth.
  static constexpr double kErrorsPerSecond = 1000;

  // `host` takes what passes from the edge, and errors. Both references must outlive the path.
  PacketPath(HostKind kind, Link& host, PacketPool& pool);

  // What the edge has assigned and routes to; stays in force until the next.
  void set_terms(std::vector<Prefix> addresses, const std::vector<Prefix>& routes);
  // The session's link; null while there is none, and packets are answered "host unreachable".
  void set_edge(Link* edge) { edge_ = edge; }

  void on_host_packet(Packet packet, Time now);
  void on_edge_packet(Bytes packet, Time now);
  // From the edge came something that was no packet.
  void count_lost(DropReason why);

  [[nodiscard]] const TrafficCounters& to_edge() const { return to_edge_; }
  [[nodiscard]] const TrafficCounters& from_edge() const { return from_edge_; }

 private:
  [[nodiscard]] bool is_ours(const IpAddress& address) const {
    return ours_.find(address) != PrefixMap::kNone;
  }
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, const IpView& view, Time now);
  // Whether an error about `packet` went out.
  [[nodiscard]] bool answer(const IpView& packet, DropReason why, Time now);
  [[nodiscard]] IpAddress error_source(const IpView& packet) const;
  [[nodiscard]] std::optional<DropReason> judge(const IpView& from_edge) const;

  const HostKind kind_;
  Link& host_;
  PacketPool& pool_;
  Link* edge_ = nullptr;
  std::vector<Prefix> addresses_;
  PrefixMap ours_;  // the same
  PrefixMap routes_;
  TokenBucket errors_{kErrorsPerSecond, kErrorsPerSecond};
  TrafficCounters to_edge_;
  TrafficCounters from_edge_;
};

}  // namespace oneping::device
