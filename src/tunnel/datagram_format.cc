#include "tunnel/datagram_format.h"

#include <algorithm>

namespace oneping::tunnel {

namespace {

enum class TypeV2 : std::uint8_t { udp = 0, ip = 1, ip_with_trace = 2, tracing_span = 3 };
enum class TypeV3 : std::uint8_t { udp_registration = 0, udp_payload = 1, icmp = 2 };

// Trace id (two u64), span id (u64), flags (u8).
constexpr std::size_t kTraceIdentitySize = 25;

tl::expected<Bytes, DropReason> checked(Bytes packet) {
  if (packet.empty()) return tl::make_unexpected(DropReason::malformed_datagram);
  return packet;
}

tl::expected<Bytes, DropReason> ip_packet_of_v2(Bytes datagram) {
  const Bytes body = datagram.first(datagram.size() - 1);
  switch (static_cast<TypeV2>(datagram.back())) {
    case TypeV2::ip: return checked(body);
    case TypeV2::ip_with_trace:
      return checked(body.first(body.size() - std::min(body.size(), kTraceIdentitySize)));
    case TypeV2::udp:
    case TypeV2::tracing_span: break;
  }
  return tl::make_unexpected(DropReason::unknown_datagram);
}

tl::expected<Bytes, DropReason> ip_packet_of_v3(Bytes datagram) {
  if (static_cast<TypeV3>(datagram.front()) != TypeV3::icmp) {
    return tl::make_unexpected(DropReason::unknown_datagram);
  }
  return checked(datagram.subspan(1));
}

}  // namespace

void frame_ip_packet(DatagramVersion version, Packet& packet) {
  switch (version) {
    case DatagramVersion::v2: *packet.append(1) = static_cast<std::uint8_t>(TypeV2::ip); break;
    case DatagramVersion::v3: *packet.prepend(1) = static_cast<std::uint8_t>(TypeV3::icmp); break;
  }
}

void unframe_ip_packet(DatagramVersion version, Packet& packet) {
  switch (version) {
    case DatagramVersion::v2: packet.remove_suffix(1); break;
    case DatagramVersion::v3: packet.remove_prefix(1); break;
  }
}

tl::expected<Bytes, DropReason> ip_packet_of(DatagramVersion version, Bytes datagram) {
  if (datagram.empty()) return tl::make_unexpected(DropReason::malformed_datagram);
  switch (version) {
    case DatagramVersion::v2: return ip_packet_of_v2(datagram);
    case DatagramVersion::v3: break;
  }
  return ip_packet_of_v3(datagram);
}

}  // namespace oneping::tunnel
