#include "device/split_routes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace oneping::device {

namespace {

// RFC 6890: this host, loopback, link-local; multicast and what is reserved behind it.
const std::vector<Prefix>& never_routed() {
  static const std::vector<Prefix> kNever = [] {
    std::vector<Prefix> all;
    for (const char* text : {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127",
                             "fe80::/10", "ff00::/8"}) {
      all.push_back(*Prefix::parse(text));
    }
    return all;
  }();
  return kNever;
}

bool contains(const Prefix& outer, const Prefix& inner) {
  return outer.family() == inner.family() && outer.length() <= inner.length() &&
         outer.contains(inner.address());
}

// The two prefixes that make up `whole`, which is more than a host: first the one with `hole`.
std::pair<Prefix, Prefix> halves(const Prefix& whole, const Prefix& hole) {
  const int length = whole.length() + 1;
  const int bit = length - 1 + (whole.family() == IpFamily::v4 ? 96 : 0);
  auto bytes = hole.address().bytes();
  bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
  return {{hole.address(), length}, {IpAddress::from_v6(bytes.data()), length}};
}

// Appends `prefix` without `hole`.
void cut(std::vector<Prefix>& to, Prefix prefix, const Prefix& hole) {
  if (contains(hole, prefix)) return;
  if (!contains(prefix, hole)) return to.push_back(prefix);
  while (prefix.length() < hole.length()) {
    const auto [inside, beside] = halves(prefix, hole);
    // IPv4-mapped addresses within IPv6 are IPv4 for us, and no route of IPv6 leads there.
    if (beside.family() == prefix.family()) to.push_back(beside);
    prefix = inside;
  }
}

std::vector<Prefix> without(std::vector<Prefix> prefixes, const std::vector<Prefix>& holes) {
  for (const Prefix& hole : holes) {
    std::vector<Prefix> rest;
    rest.reserve(prefixes.size());
    for (const Prefix& prefix : prefixes) cut(rest, prefix, hole);
    prefixes = std::move(rest);
  }
  return prefixes;
}

}  // namespace

bool may_be_routed(const Prefix& prefix) {
  return std::ranges::none_of(never_routed(), [&](const Prefix& never) {
    return contains(never, prefix) || contains(prefix, never);
  });
}

SplitRoutes split_routes(std::span<const masque::IpRange> advertised,
                         std::span<const IpAddress> edge, std::size_t max_routes) {
  std::vector<Prefix> holes = never_routed();
  for (const IpAddress& address : edge) {
    holes.emplace_back(address, address.is_v4() ? 32 : 128);
  }
  SplitRoutes routes;
  // One range at a time: what an edge may advertise in all is far more than a host can take.
  for (std::size_t i = 0; i < advertised.size(); ++i) {
    const auto prefixes = without(masque::prefixes_of(advertised.subspan(i, 1)), holes);
    if (routes.prefixes.size() + prefixes.size() > max_routes) {
      routes.left_out = advertised.size() - i;
      break;
    }
    std::ranges::copy(prefixes, std::back_inserter(routes.prefixes));
  }
  std::ranges::sort(routes.prefixes);
  // Ranges of one advertisement do not overlap, but it is the edge that says so.
  const auto nested = std::unique(routes.prefixes.begin(), routes.prefixes.end(), contains);
  routes.prefixes.erase(nested, routes.prefixes.end());
  return routes;
}

}  // namespace oneping::device
