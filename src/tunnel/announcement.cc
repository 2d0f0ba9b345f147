#include "tunnel/announcement.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "tunnel/registration.h"

namespace oneping::tunnel {

namespace {

constexpr std::string_view kConnections = "oneping_connections=";
constexpr std::string_view kIcmpV4 = "oneping_icmp_v4=";
constexpr std::string_view kIcmpV6 = "oneping_icmp_v6=";
constexpr std::string_view kLargePackets = "oneping_large_packets";
constexpr std::string_view kUdp = "oneping_udp=";
constexpr std::string_view kAvailable = "available";
constexpr std::string_view kUnavailable = "unavailable:";

// A feature is printable ASCII and no longer than a name, or the edge refuses the registration.
std::string as_feature(std::string text) {
  if (text.size() > kMaxNameSize) text.resize(kMaxNameSize);
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return text;
}

std::string to_feature(std::string_view name, const IcmpAnnouncement& icmp) {
  std::string text(name);
  text += icmp.unavailable ? std::string(kUnavailable) + *icmp.unavailable : kAvailable;
  return as_feature(std::move(text));
}

std::optional<std::uint8_t> read_connections(std::string_view value) {
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
  if (error != std::errc() || end != value.end()) return std::nullopt;
  if (number == 0 || number > kMaxConnectionIndex + 1) return std::nullopt;
  return number;
}

std::optional<IcmpAnnouncement> read_icmp(std::string_view value) {
  if (value == kAvailable) return IcmpAnnouncement{};
  if (!value.starts_with(kUnavailable)) return std::nullopt;
  return IcmpAnnouncement{std::string(value.substr(kUnavailable.size()))};
}

std::optional<UdpCarriage> read_udp(std::string_view value) {
  for (const auto carriage : {UdpCarriage::off, UdpCarriage::sessions, UdpCarriage::packets}) {
    if (value == to_string(carriage)) return carriage;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(UdpCarriage carriage) {
  switch (carriage) {
    case UdpCarriage::off: return "off";
    case UdpCarriage::sessions: return "sessions";
    case UdpCarriage::packets: return "packets";
  }
  return "off";
}

std::vector<std::string> to_features(const Announcement& announcement) {
  std::vector<std::string> features;
  if (announcement.connections) {
    features.push_back(std::string(kConnections) + std::to_string(*announcement.connections));
  }
  if (announcement.icmp_v4) features.push_back(to_feature(kIcmpV4, *announcement.icmp_v4));
  if (announcement.icmp_v6) features.push_back(to_feature(kIcmpV6, *announcement.icmp_v6));
  if (announcement.large_packets) features.emplace_back(kLargePackets);
  if (announcement.udp) {
    features.push_back(std::string(kUdp) + std::string(to_string(*announcement.udp)));
  }
  return features;
}

Announcement read_announcement(const std::vector<std::string>& features) {
  Announcement announcement;
  for (const std::string_view feature : features) {
    if (feature.starts_with(kConnections)) {
      announcement.connections = read_connections(feature.substr(kConnections.size()));
    } else if (feature.starts_with(kIcmpV4)) {
      announcement.icmp_v4 = read_icmp(feature.substr(kIcmpV4.size()));
    } else if (feature.starts_with(kIcmpV6)) {
      announcement.icmp_v6 = read_icmp(feature.substr(kIcmpV6.size()));
    } else if (feature == kLargePackets) {
      announcement.large_packets = true;
    } else if (feature.starts_with(kUdp)) {
      announcement.udp = read_udp(feature.substr(kUdp.size()));
    }
  }
  return announcement;
}

}  // namespace oneping::tunnel
