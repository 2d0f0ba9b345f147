// Broken datagrams of many kinds, made from one sound packet. Each kind says which drop reasons it
// may be counted as.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/drop_reason.h"
#include "base/random.h"
#include "base/time.h"
#include "tunnel/datagram_format.h"

namespace oneping::sim {

using ByteVector = std::vector<std::uint8_t>;

struct DamageKind {
  std::string name;
  // Breaks a sound IPv4 or IPv6 packet.
  std::function<void(ByteVector& packet, Random& random)> damage;
  std::vector<DropReason> reasons;
  // So long after the last one all of them are counted.
  Duration settles_after = std::chrono::milliseconds(100);
};

// `v4`: for an IPv4 packet, else IPv6.
[[nodiscard]] std::vector<DamageKind> packet_damage(bool v4);

// Bytes that are no framed IP packet in that version: empty, unknown types, other services' types.
[[nodiscard]] ByteVector broken_datagram(tunnel::DatagramVersion version, Random& random);

}  // namespace oneping::sim
