#include "tunnel/udp_format.h"

#include <algorithm>
#include <cstring>

namespace oneping::tunnel {

namespace {

constexpr std::uint8_t kTypeV2 = 0;
enum class TypeV3 : std::uint8_t { registration = 0, payload = 1, icmp = 2, response = 3 };

constexpr std::size_t kIdSize = std::tuple_size_v<Uuid>;

// Where things are in v3's datagrams.
constexpr std::size_t kFlagsAt = 1;
constexpr std::size_t kPortAt = 2;
constexpr std::size_t kIdleAt = 4;
constexpr std::size_t kRegistrationIdAt = 6;
constexpr std::size_t kAddressAt = kRegistrationIdAt + kIdSize;
constexpr std::size_t kPayloadIdAt = 1;
constexpr std::size_t kPayloadAt = kPayloadIdAt + kIdSize;
constexpr std::size_t kResultAt = 1;
constexpr std::size_t kResponseIdAt = 2;
constexpr std::size_t kErrorSizeAt = kResponseIdAt + kIdSize;
constexpr std::size_t kErrorAt = kErrorSizeAt + 2;

constexpr std::uint8_t kFlagIpv6 = 1;
constexpr std::uint8_t kFlagPayload = 4;
constexpr std::size_t kMaxError = 1260;

tl::unexpected<DropReason> malformed() {
  return tl::make_unexpected(DropReason::malformed_datagram);
}

Uuid read_id(const std::uint8_t* p) {
  Uuid id;
  std::memcpy(id.data(), p, kIdSize);
  return id;
}

void copy(Bytes from, std::uint8_t* to) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

tl::expected<UdpMessage, DropReason> read_payload(const Uuid& id, Bytes payload) {
  if (payload.size() > kMaxSessionPayload) return malformed();
  return UdpPayload{id, payload};
}

tl::expected<UdpMessage, DropReason> read_registration(Bytes datagram) {
  if (datagram.size() <= kFlagsAt) return malformed();
  const bool v6 = (datagram[kFlagsAt] & kFlagIpv6) != 0;
  const std::size_t header = kAddressAt + (v6 ? 16 : 4);
  if (datagram.size() < header) return malformed();
  const std::uint8_t* address = &datagram[kAddressAt];
  UdpRegistration registration{
      .id = read_id(&datagram[kRegistrationIdAt]),
      .destination = {v6 ? IpAddress::from_v6(address) : IpAddress::from_v4(address),
                      load_be16(&datagram[kPortAt])}};
  const std::uint16_t idle = load_be16(&datagram[kIdleAt]);
  if (idle != 0) registration.idle = std::chrono::seconds(idle);
  registration.has_payload = (datagram[kFlagsAt] & kFlagPayload) != 0;
  // Without the flag, what is behind is nobody's.
  if (registration.has_payload) registration.payload = datagram.subspan(header);
  if (registration.payload.size() > kMaxSessionPayload) return malformed();
  return registration;
}

tl::expected<UdpMessage, DropReason> read_response(Bytes datagram) {
  if (datagram.size() < kErrorAt) return malformed();
  const std::size_t size = load_be16(&datagram[kErrorSizeAt]);
  if (size > kMaxError || size > datagram.size() - kErrorAt) return malformed();
  const auto result = static_cast<UdpResult>(datagram[kResultAt]);
  const Bytes error = datagram.subspan(kErrorAt, size);
  return UdpResponse{.id = read_id(&datagram[kResponseIdAt]),
                     .result = result,
                     .error = {reinterpret_cast<const char*>(error.data()), error.size()}};
}

}  // namespace

bool is_udp_message(DatagramVersion version, Bytes datagram) {
  if (datagram.empty()) return false;
  if (version == DatagramVersion::v2) return datagram.back() == kTypeV2;
  const auto type = static_cast<TypeV3>(datagram.front());
  return type == TypeV3::registration || type == TypeV3::payload || type == TypeV3::response;
}

tl::expected<UdpMessage, DropReason> read_udp_message(DatagramVersion version, Bytes datagram) {
  if (!is_udp_message(version, datagram)) return malformed();
  if (version == DatagramVersion::v2) {
    const Bytes body = datagram.first(datagram.size() - 1);
    if (body.size() < kIdSize) return malformed();
    return read_payload(read_id(body.last(kIdSize).data()), body.first(body.size() - kIdSize));
  }
  switch (static_cast<TypeV3>(datagram.front())) {
    case TypeV3::registration: return read_registration(datagram);
    case TypeV3::response: return read_response(datagram);
    case TypeV3::payload:
      if (datagram.size() < kPayloadAt) return malformed();
      return read_payload(read_id(&datagram[kPayloadIdAt]), datagram.subspan(kPayloadAt));
    case TypeV3::icmp: break;
  }
  return malformed();
}

void frame_udp_payload(DatagramVersion version, const Uuid& id, Packet& payload) {
  if (version == DatagramVersion::v2) {
    std::uint8_t* trailer = payload.append(kIdSize + 1);
    std::memcpy(trailer, id.data(), kIdSize);
    trailer[kIdSize] = kTypeV2;
    return;
  }
  std::uint8_t* header = payload.prepend(kPayloadAt);
  header[0] = static_cast<std::uint8_t>(TypeV3::payload);
  std::memcpy(header + kPayloadIdAt, id.data(), kIdSize);
}

void unframe_udp_payload(DatagramVersion version, Packet& payload) {
  if (version == DatagramVersion::v2) {
    payload.remove_suffix(udp_payload_overhead(version));
  } else {
    payload.remove_prefix(udp_payload_overhead(version));
  }
}

std::optional<Packet> make_udp_registration(PacketPool& pool, const UdpRegistration& registration) {
  const Bytes address = registration.destination.address.network_bytes();
  const std::size_t header = kAddressAt + address.size();
  const Bytes payload = registration.has_payload ? registration.payload : Bytes();
  auto packet = pool.allocate(header + payload.size());
  if (!packet) return packet;
  std::uint8_t* p = packet->data();
  const auto idle = std::chrono::ceil<std::chrono::seconds>(registration.idle).count();
  p[0] = static_cast<std::uint8_t>(TypeV3::registration);
  p[kFlagsAt] = static_cast<std::uint8_t>((address.size() == 16 ? kFlagIpv6 : 0) |
                                          (registration.has_payload ? kFlagPayload : 0));
  store_be16(p + kPortAt, registration.destination.port);
  store_be16(p + kIdleAt, static_cast<std::uint16_t>(std::clamp<decltype(idle)>(idle, 1, 0xffff)));
  std::memcpy(p + kRegistrationIdAt, registration.id.data(), kIdSize);
  copy(address, p + kAddressAt);
  copy(payload, p + header);
  return packet;
}

std::optional<Packet> make_udp_response(PacketPool& pool, const UdpResponse& response) {
  const std::size_t size = std::min(response.error.size(), kMaxError);
  auto packet = pool.allocate(kErrorAt + size);
  if (!packet) return packet;
  std::uint8_t* p = packet->data();
  p[0] = static_cast<std::uint8_t>(TypeV3::response);
  p[kResultAt] = static_cast<std::uint8_t>(response.result);
  std::memcpy(p + kResponseIdAt, response.id.data(), kIdSize);
  store_be16(p + kErrorSizeAt, static_cast<std::uint16_t>(size));
  if (size > 0) std::memcpy(p + kErrorAt, response.error.data(), size);
  return packet;
}

}  // namespace oneping::tunnel
