// The plan of an interface, as the process takes it that may change interfaces: what is taken is
// within bounds and can be said again.
#include "device/interface_plan.h"

#include <cstdlib>

#include "device/split_routes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace oneping::device;
  const auto plan = decode_plan({data, size});
  if (!plan) return 0;
  if (plan->mtu < InterfacePlan::kMinMtu || plan->mtu > InterfacePlan::kMaxMtu) std::abort();
  for (const auto& address : plan->addresses) {
    if (!address.is_single_host() || address.is_link_local()) std::abort();
  }
  for (const auto& route : plan->routes) {
    if (!may_be_routed(route)) std::abort();
  }
  const auto again = encode(*plan);
  if (!std::equal(again.begin(), again.end(), data, data + size)) std::abort();
  return 0;
}
