#include "app/kept_interface.h"

#include <net/if.h>

#include <algorithm>
#include <iterator>

namespace oneping {

namespace {

InterfaceAddress alone(const IpAddress& address) { return {address, address.is_v4() ? 32 : 128}; }

template <typename T>
std::vector<T> sorted(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// What is in `all` and not in `others`; both sorted.
template <typename T>
std::vector<T> without(const std::vector<T>& all, const std::vector<T>& others) {
  std::vector<T> rest;
  std::ranges::set_difference(all, others, std::back_inserter(rest));
  return rest;
}

// Does `change` to each and returns those for which it did not succeed.
template <typename T, typename Change>
std::vector<T> failing(const std::vector<T>& values, std::vector<std::string>& problems,
                       const Change& change) {
  std::vector<T> failed;
  for (const T& value : values) {
    const Result<void> done = change(value);
    if (done) continue;
    failed.push_back(value);
    problems.push_back(done.error().message);
  }
  return failed;
}

}  // namespace

Result<KeptInterface> KeptInterface::open(const std::string& name) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::make_unexpected(netlink.error());
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) return fail("there is no interface " + name);
  return KeptInterface(name, index, std::move(*netlink));
}

bool KeptInterface::is_there() const { return ::if_nametoindex(name_.c_str()) == index_; }

std::vector<std::string> KeptInterface::apply(const device::InterfacePlan& plan) {
  if (!is_there()) return {"the interface " + name_ + " is gone"};
  std::vector<std::string> problems;
  if (plan.mtu != mtu_) {
    const auto set = netlink_.set_up(name_, static_cast<int>(plan.mtu));
    if (set) mtu_ = plan.mtu;
    if (!set) problems.push_back(set.error().message);
  }
  const auto addresses = sorted(plan.addresses);
  const auto routes = sorted(plan.routes);
  // What is new comes first, so that no packet finds neither.
  const auto no_address = failing(
      without(addresses, addresses_), problems,
      [&](const IpAddress& address) { return netlink_.add_address(name_, alone(address)); });
  const auto no_route = failing(without(routes, routes_), problems, [&](const Prefix& route) {
    return netlink_.claim_route(name_, route);
  });
  const auto old_routes = failing(without(routes_, routes), problems, [&](const Prefix& route) {
    return netlink_.remove_route(name_, route);
  });
  const auto old_addresses = failing(
      without(addresses_, addresses), problems,
      [&](const IpAddress& address) { return netlink_.remove_address(name_, alone(address)); });
  addresses_ = without(addresses, no_address);
  routes_ = without(routes, no_route);
  std::ranges::copy(old_addresses, std::back_inserter(addresses_));
  std::ranges::copy(old_routes, std::back_inserter(routes_));
  std::ranges::sort(addresses_);
  std::ranges::sort(routes_);
  return problems;
}

void KeptInterface::take_back() {
  if (!is_there()) return;
  for (const Prefix& route : routes_) std::ignore = netlink_.remove_route(name_, route);
  for (const IpAddress& each : addresses_)
    std::ignore = netlink_.remove_address(name_, alone(each));
  routes_.clear();
  addresses_.clear();
}

}  // namespace oneping
