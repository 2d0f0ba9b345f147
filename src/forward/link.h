// A link carries IP packets one way or both: a TUN device, a tunnel connection, the echo proxy.
// Packets that come in on a link reach the role (edge, connector) by a call of its own; this is the
// way out.
#pragma once

#include <cstddef>
#include <optional>

#include "base/drop_reason.h"
#include "base/packet.h"
#include "base/time.h"

namespace oneping {

class Link {
 public:
  virtual ~Link() = default;

  // Takes the packet by move, or leaves it alone and says why not. The packet is a parsed IP packet
  // whose hop limit is already lowered; whole, or a piece of one that was larger than this takes.
  [[nodiscard]] virtual std::optional<DropReason> send(Packet& packet, Time now) = 0;

  // Whether packets may go out in pieces, for one of which each send() is.
  [[nodiscard]] virtual bool takes_fragments() const { return true; }

  // The largest IP packet that send() takes now, in bytes.
  [[nodiscard]] virtual std::size_t max_packet_size() const = 0;
};

}  // namespace oneping
