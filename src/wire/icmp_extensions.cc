#include "wire/icmp_extensions.h"

#include <algorithm>

#include "wire/checksum.h"

namespace oneping {

namespace {
constexpr std::size_t kHeaderSize = 4;        // of the structure: version, checksum
constexpr std::size_t kObjectHeaderSize = 4;  // length, class, type
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kInterfaceInformation = 2;  // the class (RFC 5837, 4)
constexpr std::uint8_t kIncomingWithNameAndMtu = 0x03;

constexpr std::size_t round_up(std::size_t size, std::size_t unit) {
  return (size + unit - 1) / unit * unit;
}
}  // namespace

bool may_have_extensions(IpFamily family, std::uint8_t type) {
  if (family == IpFamily::v4) return type == 3 || type == 11 || type == 12;
  return type == 1 || type == 3;
}

bool are_extensions(Bytes bytes) {
  if (bytes.size() < kHeaderSize + kObjectHeaderSize || bytes[0] >> 4 != kVersion) return false;
  // RFC 4884, 7: zero is "not given".
  if (load_be16(&bytes[2]) != 0 && checksum(bytes) != 0) return false;
  for (Bytes objects = bytes.subspan(kHeaderSize); !objects.empty();) {
    if (objects.size() < kObjectHeaderSize) return false;
    const std::size_t size = load_be16(objects.data());  // with the object's header
    if (size < kObjectHeaderSize || size % 4 != 0 || size > objects.size()) return false;
    objects = objects.subspan(size);
  }
  return true;
}

std::size_t extended_quote_size(IpFamily family, std::size_t size) {
  return std::max(round_up(size, extended_quote_unit(family)), kMinExtendedQuote);
}

IncomingInterface::IncomingInterface(std::string_view name, std::uint32_t mtu) {
  name = name.substr(0, kMaxInterfaceName);
  const std::size_t name_size = round_up(1 + name.size(), 4);  // its length byte counts itself
  size_ = kHeaderSize + kObjectHeaderSize + name_size + sizeof(mtu);
  bytes_[0] = kVersion << 4;
  std::uint8_t* const object = &bytes_[kHeaderSize];
  store_be16(object, static_cast<std::uint16_t>(size_ - kHeaderSize));
  object[2] = kInterfaceInformation;
  object[3] = kIncomingWithNameAndMtu;
  object[4] = static_cast<std::uint8_t>(name_size);
  std::ranges::copy(name, object + 5);
  store_be32(object + 4 + name_size, mtu);
  store_be16(&bytes_[2], checksum(bytes()));
}

QuoteAndExtensions split_quote(Bytes bytes, std::size_t quote_size, std::size_t missing) {
  const bool is_said = quote_size != 0;
  if (!is_said) quote_size = kMinExtendedQuote;
  if (quote_size < missing || quote_size - missing >= bytes.size()) return {bytes, {}};
  const Bytes quote = bytes.first(quote_size - missing);
  const Bytes rest = bytes.subspan(quote.size());
  if (quote_size >= kMinExtendedQuote && are_extensions(rest)) return {quote, rest};
  return {is_said ? quote : bytes, {}};
}

}  // namespace oneping
