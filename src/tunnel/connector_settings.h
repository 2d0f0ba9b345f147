// What the edge tells a connector with updateConfiguration: JSON in which our own settings have a
// key of their own beside those of cloudflared, which each side ignores of the other.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tunnel/path_mode.h"

namespace oneping::tunnel {

struct ConnectorSettings {
  PathMode path = PathMode::full;
  // The edge takes packets beyond 1280 bytes, as large as a datagram holds, and pieces of packets.
  bool large_packets = false;
  friend bool operator==(const ConnectorSettings&, const ConnectorSettings&) = default;
};

// The whole configuration. A cloudflared finds in it what it needs to carry ICMP (its old
// versions), and a remotely managed configuration (all).
[[nodiscard]] std::string to_configuration(const ConnectorSettings& settings);

// What is not said is as by default; what makes no sense is an error, and nothing of it counts.
[[nodiscard]] Result<ConnectorSettings> read_configuration(std::string_view json);

}  // namespace oneping::tunnel
