// What an ICMP error carries behind the packet that it quotes (RFC 4884): objects, MPLS labels
// (RFC 4950) for instance. Those of others are passed on, not understood; our own say at which
// interface a packet came in (RFC 5837).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

// A quote in front of extensions is at least so long, zeros at its end if need be (RFC 4884, 3).
inline constexpr std::size_t kMinExtendedQuote = 128;

// Whether errors of this type have the field that says how long the quote is, and so may have
// extensions: unreachable, time exceeded and, for IPv4, parameter problem (RFC 4884, 4).
[[nodiscard]] bool may_have_extensions(IpFamily family, std::uint8_t type);

// That field counts words of so many bytes.
[[nodiscard]] constexpr std::size_t extended_quote_unit(IpFamily family) {
  return family == IpFamily::v4 ? 4 : 8;
}

// Whether `bytes` are an extension structure: version 2, a checksum that is right or not given, and
// objects that end where the bytes do.
[[nodiscard]] bool are_extensions(Bytes bytes);

// Where such an error says how long its quote is, in those units: the offset in the ICMP message.
[[nodiscard]] constexpr std::size_t quote_length_at(IpFamily family) {
  return family == IpFamily::v4 ? 5 : 4;
}

// How long a quote of `size` bytes is in front of extensions: in whole units, kMinExtendedQuote at
// least.
[[nodiscard]] std::size_t extended_quote_size(IpFamily family, std::size_t size);

// An extension structure whose one object names the interface at which a packet came in, and that
// one's MTU (RFC 5837, 4). The name is cut at kMaxInterfaceName bytes.
class IncomingInterface {
 public:
  static constexpr std::size_t kMaxInterfaceName = 27;  // the RFC's own bound is 63

  IncomingInterface(std::string_view name, std::uint32_t mtu);
  [[nodiscard]] Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, 40> bytes_{};
  std::size_t size_;
};

struct QuoteAndExtensions {
  Bytes quote;
  Bytes extensions;  // empty if there are none, or none that make sense
};

// Parts what an error of a type with extensions carries. `quote_size` is what its length field
// says, in bytes. With 0 it does not say: routers older than RFC 4884 put extensions behind
// kMinExtendedQuote bytes all the same (RFC 4884, 5.5), so they are looked for there. `missing`
// bytes of the quote's beginning are not in `bytes`, but count.
[[nodiscard]] QuoteAndExtensions split_quote(Bytes bytes, std::size_t quote_size,
                                             std::size_t missing = 0);

}  // namespace oneping
