// What makes two packets of a client one flow. Echo requests: source, destination and echo id, so
// that a run of `ping` or `mtr` is one. UDP: both addresses and both ports.
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "forward/policy.h"
#include "wire/ip.h"

namespace oneping::edge {

struct FlowKey {
  IpAddress client;
  IpAddress destination;
  std::uint16_t client_port = 0;  // or the echo id
  std::uint16_t port = 0;         // UDP: the destination's
  Protocol protocol = Protocol::icmp;

  [[nodiscard]] bool is_udp() const { return protocol == Protocol::udp; }
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

[[nodiscard]] inline std::size_t hash_of(const FlowKey& key, std::uint64_t seed) {
  const std::uint64_t ports =
      std::uint64_t{key.client_port} << 17 | std::uint64_t{key.port} << 1 | (key.is_udp() ? 1 : 0);
  return hash_of(key.client, hash_of(key.destination, seed ^ ports));
}

// The flow that a client's packet is of. Refused is all that is no echo request and no UDP.
[[nodiscard]] tl::expected<FlowKey, DropReason> flow_of_request(const IpView& packet);

// The flow that a packet to a client belongs to: an echo reply, a UDP datagram, or an ICMP error
// that quotes a packet of his own.
struct ReplyFlow {
  FlowKey key;
  bool is_error = false;
};
[[nodiscard]] tl::expected<ReplyFlow, DropReason> flow_of_reply(const IpView& packet);

}  // namespace oneping::edge
