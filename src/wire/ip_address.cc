#include "wire/ip_address.h"

// inet_pton and inet_ntop, which Windows has elsewhere.
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

#include <algorithm>
#include <charconv>
#include <cstring>

namespace oneping {

namespace {

template <typename Int>
std::optional<Int> parse_decimal(std::string_view text, Int max) {
  Int value{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value > max) return std::nullopt;
  return value;
}

std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

IpAddress IpAddress::from_v4(const std::uint8_t* bytes) { return v4(load_be32(bytes)); }

IpAddress IpAddress::from_v6(const std::uint8_t* bytes) {
  IpAddress address;
  std::memcpy(address.bytes_.data(), bytes, 16);
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN] = {};
  // inet_pton would stop at a NUL inside the text and take what stands before it.
  if (text.size() >= sizeof copy || text.find('\0') != text.npos) return std::nullopt;
  std::copy(text.begin(), text.end(), copy);
  std::uint8_t bytes[16];
  if (inet_pton(AF_INET, copy, bytes) == 1) return from_v4(bytes);
  if (inet_pton(AF_INET6, copy, bytes) == 1) return from_v6(bytes);
  return std::nullopt;
}

Bytes IpAddress::network_bytes() const {
  return is_v4() ? Bytes(bytes_).subspan(12) : Bytes(bytes_);
}

bool IpAddress::is_unspecified() const {
  return is_v4() ? v4_host_order() == 0 : *this == IpAddress();
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return v4_host_order() >> 24 == 127;
  IpAddress one;
  one.bytes_[15] = 1;
  return *this == one;
}

bool IpAddress::is_multicast() const {
  return is_v4() ? v4_host_order() >> 28 == 0xe : bytes_[0] == 0xff;
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return v4_host_order() >> 16 == 0xa9fe;  // 169.254.0.0/16
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::is_broadcast() const { return is_v4() && v4_host_order() == 0xffffffff; }

bool IpAddress::is_single_host() const {
  if (is_unspecified() || is_loopback() || is_multicast()) return false;
  if (!is_v4()) return true;
  const bool this_network = v4_host_order() >> 24 == 0;  // RFC 1122, 3.2.1.3 (b)
  const bool class_e = v4_host_order() >> 28 == 0xf;     // with the broadcast address
  return !this_network && !class_e;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, network_bytes().data(), text, sizeof text);
  return text;
}

Prefix::Prefix(const IpAddress& address, int length) : length_(length) {
  auto bytes = address.bytes();
  const int bits = length + (address.is_v4() ? 96 : 0);
  for (int i = 0; i < 16; ++i) {
    const int keep = std::clamp(bits - 8 * i, 0, 8);
    bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> keep);
  }
  address_ = IpAddress::from_v6(bytes.data());
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int max = address->is_v4() ? 32 : 128;
  const auto length = slash == text.npos ? max : parse_decimal<int>(text.substr(slash + 1), max);
  if (!length || *length < 0) return std::nullopt;
  Prefix prefix(*address, *length);
  if (prefix.address() != *address) return std::nullopt;
  return prefix;
}

bool Prefix::contains(const IpAddress& address) const {
  return address.family() == family() && Prefix(address, length_).address_ == address_;
}

std::string Prefix::to_string() const {
  return address_.to_string() + "/" + std::to_string(length_);
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1), 65535);
  if (!address || !port || bracketed == address->is_v4()) return std::nullopt;
  return SocketAddress{*address, *port};
}

std::string SocketAddress::to_string() const {
  const auto host = address.to_string();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::size_t hash_of(const IpAddress& address, std::uint64_t seed) {
  const auto* p = address.bytes().data();
  return mix(mix(load_be64(p) ^ seed) + load_be64(p + 8) + 0x9e3779b97f4a7c15ULL);
}

}  // namespace oneping
