#include "forward/route_table.h"

namespace oneping {

namespace {

std::vector<Prefix> prefixes_of(const std::vector<Route>& routes) {
  std::vector<Prefix> prefixes;
  prefixes.reserve(routes.size());
  for (const Route& route : routes) prefixes.push_back(route.prefix);
  return prefixes;
}

}  // namespace

RouteTable::RouteTable(const std::vector<Route>& routes)
    : prefixes_(prefixes_of(routes)), targets_(prefixes_.size()) {
  for (const Route& route : routes) targets_[prefixes_.node_of(route.prefix)] = route.target;
}

}  // namespace oneping
