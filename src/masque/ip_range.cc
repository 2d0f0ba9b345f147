#include "masque/ip_range.h"

#include <algorithm>
#include <tuple>

namespace oneping::masque {

namespace {

// An address's bits as a number; IPv4 in its mapped form, so that one arithmetic serves both.
__extension__ using Number = unsigned __int128;

Number number_of(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return Number{load_be64(bytes.data())} << 64 | load_be64(bytes.data() + 8);
}

IpAddress address_of(Number number) {
  std::uint8_t bytes[16];
  store_be64(bytes, static_cast<std::uint64_t>(number >> 64));
  store_be64(bytes + 8, static_cast<std::uint64_t>(number));
  return IpAddress::from_v6(bytes);
}

int width_of(IpFamily family) { return family == IpFamily::v4 ? 32 : 128; }

// The lowest `bits` bits set.
Number low_bits(int bits) { return bits == 128 ? ~Number{0} : (Number{1} << bits) - 1; }

IpRange range_of(const Prefix& prefix) {
  const int host_bits = width_of(prefix.family()) - prefix.length();
  return {prefix.address(), address_of(number_of(prefix.address()) | low_bits(host_bits)), 0};
}

bool comes_before(const IpRange& a, const IpRange& b) {
  return std::tuple(a.family(), a.first) < std::tuple(b.family(), b.first);
}

// The longest run from `first` on that is a prefix and does not pass `last`.
int host_bits_of(Number first, Number last, int width) {
  int bits = 0;
  while (bits < width) {
    const Number mask = low_bits(bits + 1);
    if ((first & mask) != 0 || (first | mask) > last) break;
    ++bits;
  }
  return bits;
}

}  // namespace

bool precedes(const IpRange& a, const IpRange& b) {
  const auto kind_a = std::tuple(a.family(), a.protocol);
  const auto kind_b = std::tuple(b.family(), b.protocol);
  return kind_a != kind_b ? kind_a < kind_b : a.last < b.first;
}

std::vector<IpRange> ranges_of(std::span<const Prefix> prefixes) {
  std::vector<IpRange> all;
  all.reserve(prefixes.size());
  std::ranges::transform(prefixes, std::back_inserter(all), range_of);
  std::ranges::sort(all, comes_before);
  std::vector<IpRange> merged;
  for (const IpRange& range : all) {
    const bool joins = !merged.empty() && merged.back().family() == range.family() &&
                       (range.first <= merged.back().last ||
                        number_of(range.first) == number_of(merged.back().last) + 1);
    if (joins) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::vector<Prefix> prefixes_of(std::span<const IpRange> ranges) {
  std::vector<Prefix> prefixes;
  for (const IpRange& range : ranges) {
    if (range.protocol != 0) continue;
    const int width = width_of(range.family());
    const Number last = number_of(range.last);
    for (Number first = number_of(range.first);;) {
      const int host_bits = host_bits_of(first, last, width);
      const IpAddress address = address_of(first);
      // The IPv4-mapped addresses within IPv6 are IPv4 for us, and no route of IPv6 leads there.
      if (address.family() == range.family()) prefixes.emplace_back(address, width - host_bits);
      const Number end = first | low_bits(host_bits);
      if (end == last) break;
      first = end + 1;
    }
  }
  return prefixes;
}

}  // namespace oneping::masque
