// IPv4 (RFC 791) and IPv6 (RFC 8200) headers: a view that has checked every length once, and the
// few changes that a router makes in place.
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "wire/ip_address.h"

namespace oneping {

inline constexpr std::size_t kIpv4HeaderSize = 20;  // without options
inline constexpr std::size_t kIpv6HeaderSize = 40;
// Every IPv6 link carries at least this much (RFC 8200, 5).
inline constexpr std::size_t kIpv6MinMtu = 1280;

inline constexpr std::uint8_t kProtocolHopByHop = 0;
inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolRouting = 43;
inline constexpr std::uint8_t kProtocolFragment = 44;
inline constexpr std::uint8_t kProtocolAuthentication = 51;
inline constexpr std::uint8_t kProtocolIcmpv6 = 58;
inline constexpr std::uint8_t kProtocolDestinationOptions = 60;
inline constexpr std::uint8_t kProtocolMobility = 135;  // RFC 6275
inline constexpr std::uint8_t kProtocolHip = 139;       // RFC 7401
inline constexpr std::uint8_t kProtocolShim6 = 140;     // RFC 5533

// A view of one IP packet. It refers to the packet's bytes and must not outlive them. What parse()
// gave can be read without further checks.
class IpView {
 public:
  // Checks version, header length, total length and, for IPv4, the header checksum. Bytes behind
  // the packet's own length are ignored. Any IPv6 hop-by-hop header is stepped over, and behind it
  // a fragment header that says that the packet is whole (RFC 6946); `payload` starts at the first
  // header behind them. IPv4-mapped addresses in IPv6 are refused, so that both
  // addresses are of the packet's family.
  [[nodiscard]] static tl::expected<IpView, DropReason> parse(Bytes bytes);

  // For the packet quoted in an ICMP error: its header must be whole, what follows may be cut
  // short, and a header checksum is not checked (routers on the way changed the TTL).
  [[nodiscard]] static tl::expected<IpView, DropReason> parse_quoted(Bytes bytes);

  [[nodiscard]] IpFamily family() const { return family_; }
  [[nodiscard]] bool is_v4() const { return family_ == IpFamily::v4; }
  [[nodiscard]] const IpAddress& source() const { return source_; }
  [[nodiscard]] const IpAddress& destination() const { return destination_; }
  // IPv4 protocol, or the IPv6 next header in front of payload().
  [[nodiscard]] std::uint8_t protocol() const { return protocol_; }
  // TTL or hop limit.
  [[nodiscard]] std::uint8_t hop_limit() const;
  // TOS or traffic class: DSCP and ECN.
  [[nodiscard]] std::uint8_t traffic_class() const;
  // IPv4's identification, IPv6's flow label (RFC 6437).
  [[nodiscard]] std::uint32_t label() const;
  // IPv4's flag. IPv6 packets may be sent in pieces only by their source: true unless it has a
  // fragment header, by which we know that it came so (wire/fragment.h).
  [[nodiscard]] bool dont_fragment() const;
  // A piece of a packet: IPv4 with offset or MF, IPv6 with a fragment header that says so.
  [[nodiscard]] bool is_fragment() const;
  // A fragment other than the first.
  [[nodiscard]] bool is_later_fragment() const;

  // The packet, cut to its own length.
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] Bytes payload() const { return bytes_.subspan(payload_offset_); }
  [[nodiscard]] std::size_t payload_offset() const { return payload_offset_; }
  // Of a whole IPv6 packet's fragment header; 0 if it has none.
  [[nodiscard]] std::size_t fragment_header_offset() const { return fragment_header_offset_; }
  // Whether payload() starts with an ICMP or ICMPv6 header of the packet's own family.
  [[nodiscard]] bool is_icmp() const {
    return protocol_ == (is_v4() ? kProtocolIcmp : kProtocolIcmpv6);
  }

 private:
  enum class Strictness : std::uint8_t { whole, quoted };
  static tl::expected<IpView, DropReason> parse_v4(Bytes bytes, Strictness strictness);
  static tl::expected<IpView, DropReason> parse_v6(Bytes bytes, Strictness strictness);
  void step_over_atomic_fragment();

  Bytes bytes_;
  std::size_t payload_offset_ = 0;
  std::size_t fragment_header_offset_ = 0;
  IpAddress source_;
  IpAddress destination_;
  IpFamily family_ = IpFamily::v4;
  std::uint8_t protocol_ = 0;
};

// Why a packet's payload is not read: it stands behind an IPv6 header that is not stepped over, or
// is of another protocol.
[[nodiscard]] DropReason why_not_read(const IpView& packet);

// Lowers TTL or hop limit by one and repairs the IPv4 checksum. The hop limit must be at least 1
// and `packet` a parsed IP packet.
void decrement_hop_limit(MutableBytes packet);
// Takes a decrement back, when the packet was not sent after all and is to be quoted.
void increment_hop_limit(MutableBytes packet);

// What a header that we make says.
struct IpHeader {
  IpAddress source;
  IpAddress destination;  // of the same family as source
  std::uint8_t protocol = 0;
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  bool dont_fragment = false;  // IPv4 only
  std::uint32_t label = 0;     // IPv4's identification, IPv6's flow label
  // IPv6 only: a fragment header with that identification, of a whole packet that may be sent in
  // pieces.
  std::optional<std::uint32_t> fragment_id = std::nullopt;
};

[[nodiscard]] constexpr std::size_t ip_header_size(IpFamily family) {
  return family == IpFamily::v4 ? kIpv4HeaderSize : kIpv6HeaderSize;
}
// With its fragment header.
[[nodiscard]] constexpr std::size_t ip_header_size(const IpHeader& header) {
  if (header.source.is_v4()) return kIpv4HeaderSize;
  return kIpv6HeaderSize + (header.fragment_id ? 8 : 0);
}

// Writes a header without options into `out`, which must have ip_header_size(header) bytes, for a
// payload of `payload_size` bytes.
void write_ip_header(const IpHeader& header, std::size_t payload_size, MutableBytes out);

}  // namespace oneping
