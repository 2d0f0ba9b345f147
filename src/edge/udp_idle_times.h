// How long a UDP flow is remembered without a packet, either way.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "wire/udp.h"

namespace oneping::edge {

struct UdpIdleTimes {
  Duration usual = std::chrono::minutes(5);  // RFC 4787, REQ-5
  Duration dns = std::chrono::seconds(30);   // REQ-5a

  [[nodiscard]] Duration of(std::uint16_t port) const { return port == kDnsPort ? dns : usual; }
};

}  // namespace oneping::edge
