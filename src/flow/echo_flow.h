// What makes two echo requests one flow: source, destination and echo id. A `ping` or `mtr` run is
// a flow.
#pragma once

#include <cstdint>

#include "wire/ip_address.h"

namespace oneping {

struct EchoFlow {
  IpAddress client;
  IpAddress destination;
  std::uint16_t id = 0;
  friend bool operator==(const EchoFlow&, const EchoFlow&) = default;
};

[[nodiscard]] inline std::size_t hash_of(const EchoFlow& flow, std::uint64_t seed) {
  return hash_of(flow.client, hash_of(flow.destination, seed ^ flow.id));
}

}  // namespace oneping
