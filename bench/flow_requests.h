// The requests of many made-up clients, and the check of what comes back. A request's number says
// everything about it: which client, which id and sequence, which payload. So replies are checked
// byte for byte without a memory of what was sent.
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "wire/icmp.h"

namespace oneping::bench {

struct FlowOptions {
  IpAddress destination;
  // Clients take turns: request n belongs to flow n % flows, and is a new one for n < flows.
  std::uint64_t flows = 1024;
  std::size_t payload = 56;  // bytes, at least 8
  // The number of the first request; no two runs of one tunnel should share numbers.
  std::uint64_t first = 0;
};

class FlowRequests {
 public:
  explicit FlowRequests(const FlowOptions& options);

  // Nothing if the pool has no buffer.
  [[nodiscard]] std::optional<Packet> make(PacketPool& pool, std::uint64_t number) const;

  // The number of the request that this packet answers; nothing if it differs in any byte from the
  // right answer, its hop limit excepted.
  [[nodiscard]] std::optional<std::uint64_t> match(Bytes packet) const;

 private:
  [[nodiscard]] IpAddress client(std::uint64_t number) const;
  [[nodiscard]] EchoIdentity identity(std::uint64_t number) const;

  FlowOptions options_;
  mutable std::array<std::uint8_t, 1500> payload_{};
};

}  // namespace oneping::bench
