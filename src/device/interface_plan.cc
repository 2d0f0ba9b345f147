#include "device/interface_plan.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "device/split_routes.h"

namespace oneping::device {

namespace {

// MTU, number of addresses, number of routes: 32 bits each; an address in 16 bytes; a route's
// length in a byte before its address.
constexpr std::size_t kHeader = 12;
constexpr std::size_t kAddress = 16;
constexpr std::size_t kRoute = 1 + kAddress;

void append(std::vector<std::uint8_t>& to, const IpAddress& address) {
  std::ranges::copy(address.bytes(), std::back_inserter(to));
}

bool is_valid(const IpAddress& address) {
  return address.is_single_host() && !address.is_link_local();
}

}  // namespace

std::size_t max_encoded_plan() {
  return kHeader + InterfacePlan::kMaxAddresses * kAddress + kMaxRoutes * kRoute;
}

std::vector<std::uint8_t> encode(const InterfacePlan& plan) {
  assert(plan.addresses.size() <= InterfacePlan::kMaxAddresses);
  assert(plan.routes.size() <= kMaxRoutes);
  std::vector<std::uint8_t> bytes(kHeader);
  bytes.reserve(kHeader + plan.addresses.size() * kAddress + plan.routes.size() * kRoute);
  store_be32(bytes.data(), static_cast<std::uint32_t>(plan.mtu));
  store_be32(bytes.data() + 4, static_cast<std::uint32_t>(plan.addresses.size()));
  store_be32(bytes.data() + 8, static_cast<std::uint32_t>(plan.routes.size()));
  for (const IpAddress& address : plan.addresses) append(bytes, address);
  for (const Prefix& route : plan.routes) {
    bytes.push_back(static_cast<std::uint8_t>(route.length()));
    append(bytes, route.address());
  }
  return bytes;
}

Result<InterfacePlan> decode_plan(Bytes bytes) {
  if (bytes.size() < kHeader) return fail("a plan that is cut short");
  InterfacePlan plan;
  plan.mtu = load_be32(bytes.data());
  const std::size_t addresses = load_be32(bytes.data() + 4);
  const std::size_t routes = load_be32(bytes.data() + 8);
  if (plan.mtu < InterfacePlan::kMinMtu || plan.mtu > InterfacePlan::kMaxMtu) {
    return fail("an MTU of " + std::to_string(plan.mtu));
  }
  if (addresses > InterfacePlan::kMaxAddresses || routes > kMaxRoutes ||
      bytes.size() != kHeader + addresses * kAddress + routes * kRoute) {
    return fail("a plan of another length than it says");
  }
  const std::uint8_t* at = bytes.data() + kHeader;
  for (std::size_t i = 0; i < addresses; ++i, at += kAddress) {
    const IpAddress address = IpAddress::from_v6(at);
    if (!is_valid(address)) return fail("the address " + address.to_string());
    plan.addresses.push_back(address);
  }
  for (std::size_t i = 0; i < routes; ++i, at += kRoute) {
    const IpAddress address = IpAddress::from_v6(at + 1);
    const int length = *at;
    if (length > (address.is_v4() ? 32 : 128) || Prefix(address, length).address() != address) {
      return fail("a route to no prefix");
    }
    plan.routes.emplace_back(address, length);
    if (!may_be_routed(plan.routes.back())) {
      return fail("a route to " + plan.routes.back().to_string());
    }
  }
  return plan;
}

}  // namespace oneping::device
