// What the tunnel protocol says of UDP sessions, in both versions: an edge registers one for a
// client's port and a destination, payloads go both ways with its id, and the connector does the
// sending. In v2 registration is a call (schema/tunnel.capnp), in v3 a datagram.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "base/uuid.h"
#include "wire/ip_address.h"

namespace oneping::tunnel {

// What the protocol's peers accept in one datagram, in both versions.
inline constexpr std::size_t kMaxSessionPayload = 1280;
// So long a session is kept without traffic when its registration does not say.
inline constexpr Duration kDefaultUdpIdle = std::chrono::seconds(210);

struct UdpRegistration {
  Uuid id{};
  SocketAddress destination;
  Duration idle = kDefaultUdpIdle;
  // v3: the first payload may come along. An empty one is one, too.
  bool has_payload = false;
  Bytes payload;  // refers to the datagram
};

enum class UdpResult : std::uint8_t {
  ok = 0,
  destination_unreachable = 1,
  unable_to_bind = 2,  // what cloudflared says whenever it cannot open its socket
  too_many_flows = 3,
  error = 0xff,  // with words
};

struct UdpAnswer {
  UdpResult result = UdpResult::ok;
  std::string error;  // for a person
};

}  // namespace oneping::tunnel
