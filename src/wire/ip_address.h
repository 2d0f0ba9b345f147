// IP addresses of both families, prefixes and UDP endpoints, as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace oneping {

enum class IpFamily : std::uint8_t { v4, v6 };

// Sixteen bytes; IPv4 is kept in its IPv4-mapped form ::ffff:a.b.c.d, so that equality and hashing
// are those of the bytes. An IPv4-mapped IPv6 address therefore *is* the IPv4 address.
class IpAddress {
 public:
  // The unspecified IPv6 address, ::.
  constexpr IpAddress() = default;

  [[nodiscard]] static constexpr IpAddress v4(std::uint32_t host_order) {
    IpAddress address;
    address.bytes_[10] = address.bytes_[11] = 0xff;
    store_be32(address.bytes_.data() + 12, host_order);
    return address;
  }
  // From 4 or 16 bytes in network order; `bytes` must have that many.
  [[nodiscard]] static IpAddress from_v4(const std::uint8_t* bytes);
  [[nodiscard]] static IpAddress from_v6(const std::uint8_t* bytes);
  // Text without a zone or brackets.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] constexpr IpFamily family() const {
    for (int i = 0; i < 10; ++i) {
      if (bytes_[static_cast<std::size_t>(i)] != 0) return IpFamily::v6;
    }
    return bytes_[10] == 0xff && bytes_[11] == 0xff ? IpFamily::v4 : IpFamily::v6;
  }
  [[nodiscard]] constexpr bool is_v4() const { return family() == IpFamily::v4; }

  // The 4 or 16 bytes as they stand in a packet.
  [[nodiscard]] Bytes network_bytes() const;
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  [[nodiscard]] constexpr std::uint32_t v4_host_order() const {
    return load_be32(bytes_.data() + 12);
  }

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_link_local() const;
  // 255.255.255.255; directed broadcasts cannot be told from an address alone.
  [[nodiscard]] bool is_broadcast() const;
  // May an ICMP error go to it (RFC 1122, 3.2.2; RFC 4443, 2.4 (e.6)): a single host's address.
  [[nodiscard]] bool is_single_host() const;

  [[nodiscard]] std::string to_string() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// An address and how many of its leading bits count. Host bits are always zero.
class Prefix {
 public:
  constexpr Prefix() = default;
  // length: 0..32 for IPv4, 0..128 for IPv6. Clears host bits.
  Prefix(const IpAddress& address, int length);
  // "10.0.0.0/8", "fd00::/8"; an address alone is a host prefix. Nothing if malformed, or if host
  // bits are set ("10.0.0.1/8"), which is most often a slip.
  [[nodiscard]] static std::optional<Prefix> parse(std::string_view text);

  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] IpFamily family() const { return address_.family(); }
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Prefix&, const Prefix&) = default;

 private:
  IpAddress address_;
  int length_ = 0;
};

// An IP address and a UDP port.
struct SocketAddress {
  IpAddress address;
  std::uint16_t port = 0;

  // "192.0.2.1:7844", "[2001:db8::1]:7844".
  [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

// Hashes for tables whose keys a remote peer chooses should be seeded: see flow/flow_table.h.
[[nodiscard]] std::size_t hash_of(const IpAddress& address, std::uint64_t seed = 0);

}  // namespace oneping

template <>
struct std::hash<oneping::IpAddress> {
  std::size_t operator()(const oneping::IpAddress& a) const noexcept { return oneping::hash_of(a); }
};

template <>
struct std::hash<oneping::SocketAddress> {
  std::size_t operator()(const oneping::SocketAddress& a) const noexcept {
    return oneping::hash_of(a.address, a.port);
  }
};
