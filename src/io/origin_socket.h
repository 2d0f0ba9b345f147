// One UDP socket of the connector towards the network. It is not connected, and so stands for one
// port of one client wherever he sends. It tells hop limit and traffic class of what comes, and
// keeps ICMP errors in its error queue.
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "io/fd.h"
#include "io/origin_ports.h"
#include "wire/ip_address.h"

namespace oneping {

struct OriginSocket {
  Fd fd;
  IpFamily family = IpFamily::v4;
  // Of what is sent: the system has an option for the socket, not for the packet.
  enum class Fragments : std::uint8_t { unknown, may, may_not } fragments = Fragments::unknown;
  std::uint32_t overflows = 0;  // datagrams that found no room, so far

  // `open`: how many of this family there are. Fails with an errno.
  [[nodiscard]] static tl::expected<OriginSocket, int> open(IpFamily family, std::size_t open,
                                                            const OriginPorts& ports);

  void set_dont_fragment(bool dont_fragment);
};

}  // namespace oneping
