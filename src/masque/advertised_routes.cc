#include "masque/advertised_routes.h"

#include "masque/ip_capsules.h"

namespace oneping::masque {

namespace {

// IP version, two addresses, protocol (RFC 9484, 4.7.3).
std::size_t size_of(const IpRange& range) { return range.family() == IpFamily::v4 ? 10 : 34; }

// How many of them fit, from the first.
std::size_t count_within(std::span<const IpRange> ranges, std::size_t size) {
  std::size_t count = 0;
  for (; count < ranges.size() && size >= size_of(ranges[count]); ++count) {
    size -= size_of(ranges[count]);
  }
  return count;
}

}  // namespace

AdvertisedRoutes::AdvertisedRoutes(std::span<const Prefix> prefixes, std::size_t max_size) {
  const auto ranges = ranges_of(prefixes);
  const std::size_t told = count_within(ranges, max_size);
  left_out_ = ranges.size() - told;
  std::vector<std::uint8_t> capsule;
  append_route_advertisement(capsule, std::span(ranges).first(told));
  capsule_ = std::make_shared<const std::vector<std::uint8_t>>(std::move(capsule));
}

}  // namespace oneping::masque
