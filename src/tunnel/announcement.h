// What our connector tells the edge of itself beyond the tunnel protocol, as features of its
// registration. Other software takes them for features that it does not know; nothing needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oneping::tunnel {

// Whether a connector can ping in one family.
struct IcmpAnnouncement {
  std::optional<std::string> unavailable;  // why not, for a person; nothing: it can
  friend bool operator==(const IcmpAnnouncement&, const IcmpAnnouncement&) = default;
};

// What is not there was not said.
struct Announcement {
  std::optional<std::uint8_t> connections;  // that it means to keep, 1 .. 16
  std::optional<IcmpAnnouncement> icmp_v4;
  std::optional<IcmpAnnouncement> icmp_v6;
  // It takes packets beyond 1280 bytes, as large as a datagram holds, and pieces of packets.
  bool large_packets = false;
  friend bool operator==(const Announcement&, const Announcement&) = default;
};

// "oneping_connections=4", "oneping_icmp_v6=unavailable:REASON", "oneping_large_packets". A reason
// is cut and cleaned to what a feature may hold.
[[nodiscard]] std::vector<std::string> to_features(const Announcement& announcement);

// Features that make no sense say nothing.
[[nodiscard]] Announcement read_announcement(const std::vector<std::string>& features);

}  // namespace oneping::tunnel
