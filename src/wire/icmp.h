// ICMP (RFC 792) and ICMPv6 (RFC 4443): reading echoes and errors, writing them.
// The two families differ in numbers and in the checksum; here they share one vocabulary.
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/packet.h"
#include "wire/ip.h"

namespace oneping {

inline constexpr std::size_t kIcmpHeaderSize = 8;

enum class IcmpKind : std::uint8_t {
  echo_request,
  echo_reply,
  error,  // about a packet that it quotes: unreachable, too big, time exceeded, parameter problem
  other,
};

// The kind of an ICMP message of that family by its type number. IPv4 source quench and redirect
// are `other`: they are not forwarded (RFC 6633; RFC 5508, REQ-10).
[[nodiscard]] IcmpKind icmp_kind(IpFamily family, std::uint8_t type);

// A view of the ICMP message of a packet; refers to its bytes.
struct IcmpView {
  IcmpKind kind;
  std::uint8_t type;
  std::uint8_t code;
  std::uint16_t checksum;
  // Of an echo message; otherwise bytes 4..8 of the header.
  std::uint16_t id;
  std::uint16_t sequence;
  // Behind the 8-byte header: an echo's data, an error's quoted packet.
  Bytes payload;

  // Fails on what is no ICMP of the packet's family (other_protocol, extension_header), on a
  // fragment, a message under 8 bytes, or a bad checksum.
  [[nodiscard]] static tl::expected<IcmpView, DropReason> parse(const IpView& ip);
};

// What identifies an echo to the host that asked: RFC 792's identifier and sequence number.
struct EchoIdentity {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  friend auto operator<=>(const EchoIdentity&, const EchoIdentity&) = default;
};

enum class EchoType : std::uint8_t { request, reply };

// The echo request that an ICMP error quotes.
struct QuotedEcho {
  IpAddress source;
  IpAddress destination;
  EchoIdentity identity;
};

// Reads the quote of `error`, an ICMP error in `packet`. The quoted IP header may have options, its
// length and checksum are not judged, and 8 bytes behind it are enough (RFC 5508, 4.2); IPv6
// extension headers are stepped over, and the first piece of a request is one too. Fails with
// no_flow when it quotes anything but an echo request of the packet's own family.
[[nodiscard]] tl::expected<QuotedEcho, DropReason> quoted_echo_request(const IpView& packet,
                                                                       const IcmpView& error);

// A whole echo packet; header.protocol is set here. Nothing if the pool has no buffer for it.
[[nodiscard]] std::optional<Packet> make_echo(PacketPool& pool, EchoType type, IpHeader header,
                                              EchoIdentity identity, Bytes payload);

// The errors that a router makes itself, by meaning.
enum class IcmpErrorCause : std::uint8_t {
  net_unreachable,     // RFC 792 3/0; RFC 4443 1/0
  host_unreachable,    // 3/1; 1/3
  admin_prohibited,    // 3/13 (RFC 1812, 5.2.7.1); 1/1
  source_refused,      // 3/13; 1/5: the source address failed ingress policy (RFC 4443, 3.1)
  packet_too_big,      // 3/4 (RFC 1191); 2/0
  hop_limit_exceeded,  // 11/0; 3/0
  reassembly_timeout,  // 11/1; 3/1
};

// Whether an error may be sent about `packet` at all: never about an ICMP error or redirect, a
// later fragment, or to or about a multicast or broadcast address, or when the source is not one
// host (RFC 1122, 3.2.2; RFC 1812, 4.3.2.7; RFC 4443, 2.4 (e)). Packet Too Big about an IPv6
// multicast destination is allowed.
[[nodiscard]] bool may_answer_with_error(const IpView& packet, IcmpErrorCause cause);

// The error about `packet`, from `from` to the packet's source, quoting as much as fits in 576
// bytes (RFC 1812, 4.3.2.3) or 1280 (RFC 4443, 2.4 (c)). `mtu` is for packet_too_big, in bytes.
// `extensions` (RFC 4884, at most 256 bytes) go behind the quote, if errors of that kind have any.
// `from` is of the packet's family. Nothing if the pool has no buffer.
[[nodiscard]] std::optional<Packet> make_icmp_error(PacketPool& pool, const IpView& packet,
                                                    const IpAddress& from, IcmpErrorCause cause,
                                                    std::uint32_t mtu = 0, Bytes extensions = {});

}  // namespace oneping
