#include "wire/udp.h"

#include <cstring>

#include "wire/checksum.h"

namespace oneping {

namespace {

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

std::uint16_t udp_checksum(const IpAddress& source, const IpAddress& destination, Bytes udp) {
  return checksum_finish(
      checksum_add(udp, pseudo_header_sum(source, destination, kProtocolUdp, udp.size())));
}

}  // namespace

tl::expected<UdpView, DropReason> UdpView::parse(const IpView& ip) {
  if (ip.protocol() != kProtocolUdp) return drop(why_not_read(ip));
  if (ip.is_fragment()) return drop(DropReason::fragment);
  const Bytes behind = ip.payload();
  if (behind.size() < kUdpHeaderSize) return drop(DropReason::truncated);
  const std::size_t length = load_be16(&behind[4]);
  if (length < kUdpHeaderSize || length > behind.size()) return drop(DropReason::truncated);
  const Bytes udp = behind.first(length);
  const std::uint16_t checksum = load_be16(&udp[6]);
  const bool may_be_without = ip.is_v4() && checksum == 0;
  // Over IPv6 zero is no checksum, and never right (RFC 8200, 8.1).
  if (!may_be_without && (checksum == 0 || udp_checksum(ip.source(), ip.destination(), udp) != 0)) {
    return drop(DropReason::bad_udp_checksum);
  }
  return UdpView{.ports = {load_be16(&udp[0]), load_be16(&udp[2])},
                 .checksum = checksum,
                 .payload = udp.subspan(kUdpHeaderSize)};
}

tl::expected<QuotedUdp, DropReason> quoted_udp(const IpView& packet, const IcmpView& error) {
  const auto quoted = IpView::parse_quoted(error.payload);
  if (!quoted) return drop(quoted.error());
  const Bytes udp = quoted->payload();
  const bool is_udp = quoted->family() == packet.family() && quoted->protocol() == kProtocolUdp &&
                      !quoted->is_later_fragment() && udp.size() >= kUdpHeaderSize;
  if (!is_udp) return drop(DropReason::no_flow);
  return QuotedUdp{.source = {quoted->source(), load_be16(&udp[0])},
                   .destination = {quoted->destination(), load_be16(&udp[2])}};
}

std::optional<Packet> make_udp(PacketPool& pool, IpHeader header, UdpPorts ports, Bytes payload) {
  header.protocol = kProtocolUdp;
  const std::size_t header_size = ip_header_size(header);
  const std::size_t udp_size = kUdpHeaderSize + payload.size();
  auto packet = pool.allocate(header_size + udp_size);
  if (!packet) return packet;
  write_ip_header(header, udp_size, packet->bytes().first(header_size));
  const MutableBytes udp = packet->bytes().subspan(header_size);
  store_be16(&udp[0], ports.source);
  store_be16(&udp[2], ports.destination);
  store_be16(&udp[4], static_cast<std::uint16_t>(udp_size));
  store_be16(&udp[6], 0);
  if (!payload.empty()) std::memcpy(&udp[kUdpHeaderSize], payload.data(), payload.size());
  const std::uint16_t sum = udp_checksum(header.source, header.destination, udp);
  store_be16(&udp[6], sum == 0 ? std::uint16_t{0xffff} : sum);  // zero would mean none
  return packet;
}

}  // namespace oneping
