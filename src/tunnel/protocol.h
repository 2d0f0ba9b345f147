// Constants of the tunnel protocol's QUIC connections.
#pragma once

namespace oneping::tunnel {

inline constexpr const char* kAlpn = "argotunnel";
inline constexpr const char* kServerName = "quic.cftunnel.com";  // SNI of every connector

}  // namespace oneping::tunnel
