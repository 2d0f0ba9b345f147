// What our connector tells the edge of itself beyond the tunnel protocol, as features of its
// registration. Other software takes them for features that it does not know; nothing needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneping::tunnel {

// Whether a connector can ping in one family.
struct IcmpAnnouncement {
  std::optional<std::string> unavailable;  // why not, for a person; nothing: it can
  friend bool operator==(const IcmpAnnouncement&, const IcmpAnnouncement&) = default;
};

// How a connector carries UDP.
enum class UdpCarriage : std::uint8_t {
  off,       // not at all
  sessions,  // by sessions of the tunnel protocol, whose first payload may come along
  packets,   // as whole IP packets; and by sessions
};

// What is not there was not said.
struct Announcement {
  std::optional<std::uint8_t> connections;  // that it means to keep, 1 .. 16
  std::optional<IcmpAnnouncement> icmp_v4;
  std::optional<IcmpAnnouncement> icmp_v6;
  // It takes packets beyond 1280 bytes, as large as a datagram holds, and pieces of packets.
  bool large_packets = false;
  std::optional<UdpCarriage> udp;
  friend bool operator==(const Announcement&, const Announcement&) = default;
};

// "oneping_connections=4", "oneping_icmp_v6=unavailable:REASON", "oneping_large_packets",
// "oneping_udp=packets". A reason is cut and cleaned to what a feature may hold.
[[nodiscard]] std::vector<std::string> to_features(const Announcement& announcement);

[[nodiscard]] std::string_view to_string(UdpCarriage carriage);

// Features that make no sense say nothing.
[[nodiscard]] Announcement read_announcement(const std::vector<std::string>& features);

}  // namespace oneping::tunnel
