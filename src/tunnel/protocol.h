// Constants of the tunnel protocol's QUIC connections.
#pragma once

#include <cstdint>

namespace oneping::tunnel {

inline constexpr const char* kAlpn = "argotunnel";
inline constexpr const char* kServerName = "quic.cftunnel.com";  // SNI of every connector
inline constexpr std::uint16_t kPort = 7844;

}  // namespace oneping::tunnel
