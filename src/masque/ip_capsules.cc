#include "masque/ip_capsules.h"

#include <algorithm>

#include "masque/capsule.h"
#include "masque/varint.h"

namespace oneping::masque {

namespace {

constexpr std::uint8_t kVersion4 = 4;
constexpr std::uint8_t kVersion6 = 6;

std::uint8_t version_of(IpFamily family) { return family == IpFamily::v4 ? kVersion4 : kVersion6; }

int max_prefix_length(IpFamily family) { return family == IpFamily::v4 ? 32 : 128; }

std::optional<std::uint8_t> take_byte(Bytes& bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::uint8_t first = bytes[0];
  bytes = bytes.subspan(1);
  return first;
}

Result<IpFamily> take_version(Bytes& bytes) {
  const auto version = take_byte(bytes);
  if (!version) return fail("it ends within an entry");
  if (*version == kVersion4) return IpFamily::v4;
  if (*version == kVersion6) return IpFamily::v6;
  return fail("IP version " + std::to_string(*version) + " is neither 4 nor 6");
}

Result<IpAddress> take_address(Bytes& bytes, IpFamily family) {
  const std::size_t size = family == IpFamily::v4 ? 4 : 16;
  if (bytes.size() < size) return fail("it ends within an entry");
  const IpAddress address =
      family == IpFamily::v4 ? IpAddress::from_v4(bytes.data()) : IpAddress::from_v6(bytes.data());
  bytes = bytes.subspan(size);
  // For us that would be the IPv4 address, which the peer did not say.
  if (address.family() != family) return fail("an IPv4-mapped address under IP version 6");
  return address;
}

Result<Prefix> take_prefix(Bytes& bytes) {
  const auto family = take_version(bytes);
  if (!family) return tl::unexpected(family.error());
  const auto address = take_address(bytes, *family);
  if (!address) return tl::unexpected(address.error());
  const auto length = take_byte(bytes);
  if (!length) return fail("it ends within an entry");
  if (*length > max_prefix_length(*family)) {
    return fail("a prefix length of " + std::to_string(*length) + " bits");
  }
  const Prefix prefix(*address, *length);
  if (prefix.address() != *address) {
    return fail(address->to_string() + "/" + std::to_string(*length) + " has host bits set");
  }
  return prefix;
}

Result<std::vector<AddressEntry>> parse_addresses(Bytes value) {
  std::vector<AddressEntry> entries;
  while (!value.empty()) {
    const auto id = take_varint(value);
    if (!id) return fail("it ends within an entry");
    const auto prefix = take_prefix(value);
    if (!prefix) return tl::unexpected(prefix.error());
    entries.push_back({*id, *prefix});
  }
  return entries;
}

Result<IpRange> take_range(Bytes& bytes) {
  const auto family = take_version(bytes);
  if (!family) return tl::unexpected(family.error());
  const auto first = take_address(bytes, *family);
  if (!first) return tl::unexpected(first.error());
  const auto last = take_address(bytes, *family);
  if (!last) return tl::unexpected(last.error());
  const auto protocol = take_byte(bytes);
  if (!protocol) return fail("it ends within an entry");
  if (*last < *first) {
    return fail("a range from " + first->to_string() + " back to " + last->to_string());
  }
  return IpRange{*first, *last, *protocol};
}

void append_bytes(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_addresses(std::vector<std::uint8_t>& to, CapsuleType type,
                      std::span<const AddressEntry> entries) {
  std::vector<std::uint8_t> value;
  for (const AddressEntry& entry : entries) {
    append_varint(value, entry.request_id);
    value.push_back(version_of(entry.prefix.family()));
    append_bytes(value, entry.prefix.address().network_bytes());
    value.push_back(static_cast<std::uint8_t>(entry.prefix.length()));
  }
  append_capsule(to, type, value);
}

}  // namespace

AddressEntry no_address(std::uint64_t request_id, IpFamily family) {
  const IpAddress zero = family == IpFamily::v4 ? IpAddress::v4(0) : IpAddress();
  return {request_id, Prefix(zero, max_prefix_length(family))};
}

bool is_no_address(const AddressEntry& entry) {
  return entry.prefix.address().is_unspecified() &&
         entry.prefix.length() == max_prefix_length(entry.prefix.family());
}

Result<std::vector<AddressEntry>> parse_address_assign(Bytes value) {
  auto entries = parse_addresses(value);
  if (!entries) return fail("ADDRESS_ASSIGN", entries.error());
  return entries;
}

Result<std::vector<AddressEntry>> parse_address_request(Bytes value) {
  auto entries = parse_addresses(value);
  if (!entries) return fail("ADDRESS_REQUEST", entries.error());
  if (entries->empty()) return fail("ADDRESS_REQUEST: it asks for nothing");
  const auto has_no_id = [](const AddressEntry& entry) { return entry.request_id == 0; };
  if (std::ranges::any_of(*entries, has_no_id)) return fail("ADDRESS_REQUEST: an id is zero");
  return entries;
}

Result<std::vector<IpRange>> parse_route_advertisement(Bytes value) {
  std::vector<IpRange> ranges;
  while (!value.empty()) {
    const auto range = take_range(value);
    if (!range) return fail("ROUTE_ADVERTISEMENT", range.error());
    if (!ranges.empty() && !precedes(ranges.back(), *range)) {
      return fail("ROUTE_ADVERTISEMENT: " + range->first.to_string() + " is out of order");
    }
    ranges.push_back(*range);
  }
  return ranges;
}

void append_address_assign(std::vector<std::uint8_t>& to, std::span<const AddressEntry> entries) {
  append_addresses(to, CapsuleType::address_assign, entries);
}

void append_address_request(std::vector<std::uint8_t>& to, std::span<const AddressEntry> entries) {
  append_addresses(to, CapsuleType::address_request, entries);
}

void append_route_advertisement(std::vector<std::uint8_t>& to, std::span<const IpRange> ranges) {
  std::vector<std::uint8_t> value;
  for (const IpRange& range : ranges) {
    value.push_back(version_of(range.family()));
    append_bytes(value, range.first.network_bytes());
    append_bytes(value, range.last.network_bytes());
    value.push_back(range.protocol);
  }
  append_capsule(to, CapsuleType::route_advertisement, value);
}

}  // namespace oneping::masque
