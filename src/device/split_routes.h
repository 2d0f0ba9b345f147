// Which of the edge's routes the device's host gets: split tunnelling, by prefixes.
//
// The tunnel's own packets must not be routed into the tunnel, so the edge's addresses are cut out
// of every prefix that contains them; so is what means something on this host or one of its links
// alone, whatever the edge says.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "masque/ip_range.h"
#include "wire/ip_address.h"

namespace oneping::device {

// Whether a host may have a route to all of it.
[[nodiscard]] bool may_be_routed(const Prefix& prefix);

struct SplitRoutes {
  std::vector<Prefix> prefixes;  // sorted, and none within another
  std::size_t left_out = 0;      // advertised ranges, from the first one that exceeds the bound
  friend bool operator==(const SplitRoutes&, const SplitRoutes&) = default;
};

inline constexpr std::size_t kMaxRoutes = 8192;

[[nodiscard]] SplitRoutes split_routes(std::span<const masque::IpRange> advertised,
                                       std::span<const IpAddress> edge,
                                       std::size_t max_routes = kMaxRoutes);

}  // namespace oneping::device
