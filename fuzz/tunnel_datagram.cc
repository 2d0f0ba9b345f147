// Any datagram is read within its bounds, in both formats; what was read and is written again reads
// the same.
#include <algorithm>

#include "fuzz/require.h"
#include "tunnel/datagram_format.h"
#include "tunnel/udp_format.h"

using oneping::Bytes;
using oneping::PacketPool;
using oneping::require;
using namespace oneping::tunnel;

namespace {

void check_ip(PacketPool& pool, DatagramVersion version, Bytes datagram) {
  const auto packet = ip_packet_of(version, datagram);
  if (!packet) return;
  require(!is_udp_message(version, datagram));
  auto framed = *pool.copy(*packet);
  frame_ip_packet(version, framed);
  const auto again = ip_packet_of(version, framed.bytes());
  require(again && std::ranges::equal(*again, *packet));
}

bool same(const UdpRegistration& a, const UdpRegistration& b) {
  return a.id == b.id && a.destination == b.destination && a.idle == b.idle &&
         a.has_payload == b.has_payload && std::ranges::equal(a.payload, b.payload);
}
bool same(const UdpPayload& a, const UdpPayload& b) {
  return a.id == b.id && std::ranges::equal(a.bytes, b.bytes);
}
bool same(const UdpResponse& a, const UdpResponse& b) {
  return a.id == b.id && a.result == b.result && a.error == b.error;
}

template <typename Message>
void check_again(DatagramVersion version, const Message& message, const oneping::Packet& written) {
  const auto again = read_udp_message(version, written.bytes());
  require(again && std::holds_alternative<Message>(*again));
  require(same(std::get<Message>(*again), message));
}

void check_udp(PacketPool& pool, DatagramVersion version, Bytes datagram) {
  const auto message = read_udp_message(version, datagram);
  if (!message) return;
  require(is_udp_message(version, datagram));
  if (const auto* registration = std::get_if<UdpRegistration>(&*message)) {
    check_again(version, *registration, *make_udp_registration(pool, *registration));
  } else if (const auto* response = std::get_if<UdpResponse>(&*message)) {
    check_again(version, *response, *make_udp_response(pool, *response));
  } else if (const auto* payload = std::get_if<UdpPayload>(&*message)) {
    auto framed = *pool.copy(payload->bytes);
    frame_udp_payload(version, payload->id, framed);
    check_again(version, *payload, framed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static PacketPool pool;
  for (const auto version : {DatagramVersion::v2, DatagramVersion::v3}) {
    check_ip(pool, version, Bytes(data, size));
    check_udp(pool, version, Bytes(data, size));
  }
  return 0;
}
