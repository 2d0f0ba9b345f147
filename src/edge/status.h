// How the tunnels and the sessions of devices are now, for people: a copy, to be read on any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "edge/identity.h"
#include "tunnel/announcement.h"
#include "tunnel/datagram_format.h"
#include "wire/ip_address.h"

namespace oneping::edge {

// inactive: no connector since this edge started (the control plane knows of earlier times).
// down: none now. degraded: some connections that its connectors want are missing, silent or
// draining. healthy: all are there.
enum class TunnelHealth : std::uint8_t { inactive, down, degraded, healthy };
[[nodiscard]] std::string_view to_string(TunnelHealth health);

// Whether a connector can ping, in one family.
enum class IcmpState : std::uint8_t {
  unknown,      // a foreign connector does not say, and nothing has come back yet
  available,    // it says so, or an echo reply has come by it
  unavailable,  // it says so
};
[[nodiscard]] std::string_view to_string(IcmpState state);

struct ConnectionStatus {
  std::uint8_t index = 0;  // of its connector
  SocketAddress peer;
  SocketAddress local;
  std::string version;  // of the connector's software
  std::string arch;
  std::vector<std::string> features;
  tunnel::DatagramVersion datagram = tunnel::DatagramVersion::v2;
  Duration age{};
  Duration rtt{};  // smoothed
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_lost = 0;  // of them, on the way
  std::size_t mtu = 0;               // the largest IP packet that it carries now, in bytes
  bool is_draining = false;          // it leaves, and takes no new flows
  bool is_silent = false;            // nothing is heard (ConnectionHealth)
};

struct ConnectorStatus {
  Uuid id{};
  std::size_t wanted = 0;  // connections: announced, or for foreign ones the most seen at once
  IcmpState icmp_v4 = IcmpState::unknown;
  IcmpState icmp_v6 = IcmpState::unknown;
  tunnel::UdpCarriage udp = tunnel::UdpCarriage::sessions;  // a foreign one does not say
  std::string icmp_reason;                    // why it is unavailable, in the connector's words
  std::vector<ConnectionStatus> connections;  // by index
};

struct TunnelStatus {
  Uuid id{};
  TunnelHealth health = TunnelHealth::inactive;
  std::optional<Duration> uptime;  // since it last went from no connection to some
  std::vector<ConnectorStatus> connectors;
};

// One session of a device; it may have several.
struct DeviceSessionStatus {
  DeviceId device = 0;
  SocketAddress peer;
  Duration age{};
  Duration rtt{};  // smoothed
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_lost = 0;  // of them, on the way
  std::size_t mtu = 0;               // the largest IP packet that it carries now, in bytes
};

}  // namespace oneping::edge
