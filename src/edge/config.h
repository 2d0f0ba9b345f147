// What the edge is told: its own addresses, and the tunnels with their routes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forward/forwarder.h"
#include "tunnel/registration.h"
#include "wire/ip_address.h"

namespace oneping::edge {

struct TunnelConfig {
  std::string name;
  Uuid id{};
  std::string account;                           // what the token calls the account tag
  std::array<std::uint8_t, 32> secret_sha256{};  // the secret itself is nowhere kept
  std::vector<Prefix> routes;
};

struct EdgeConfig {
  std::string location;             // for people: where this edge is
  std::optional<IpAddress> hop_v4;  // what traceroute shows; without one, no errors in that family
  std::optional<IpAddress> hop_v6;
  Forwarder::Options forwarding;
  std::size_t flow_table_size = 262144;
  // Version of what updateConfiguration pushes. Connectors ignore one that is not above the last
  // they saw, so it must grow over restarts: seconds since 1970 do.
  std::int32_t config_version = 1;
  std::vector<TunnelConfig> tunnels;
};

}  // namespace oneping::edge
