#include "forward/route_table.h"

#include <algorithm>

namespace oneping {

RouteTable::RouteTable(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    auto& levels = levels_[index(route.prefix.family())];
    const int length = route.prefix.length();
    auto level = std::find_if(levels.begin(), levels.end(),
                              [&](const Level& l) { return l.length <= length; });
    if (level == levels.end() || level->length != length) {
      level = levels.insert(level, Level{length, {}});
    }
    level->routes[route.prefix.address()] = route.target;
  }
}

std::optional<RouteTarget> RouteTable::lookup(const IpAddress& destination) const {
  for (const Level& level : levels_[index(destination.family())]) {
    const auto found = level.routes.find(Prefix(destination, level.length).address());
    if (found != level.routes.end()) return found->second;
  }
  return std::nullopt;
}

std::size_t RouteTable::size() const {
  std::size_t sum = 0;
  for (const auto& levels : levels_) {
    for (const Level& level : levels) sum += level.routes.size();
  }
  return sum;
}

}  // namespace oneping
