// A network interface whose MTU, addresses and routes are kept as a plan says, and are taken back
// when nobody wants them any more. Takes CAP_NET_ADMIN.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "device/interface_plan.h"
#include "io/netlink.h"

namespace oneping {

class KeptInterface {
 public:
  // One that is there.
  [[nodiscard]] static Result<KeptInterface> open(const std::string& name);

  // Makes it so, as far as it goes; what does not is tried again next time. A line for each.
  [[nodiscard]] std::vector<std::string> apply(const device::InterfacePlan& plan);
  void take_back();

 private:
  KeptInterface(std::string name, unsigned index, Netlink netlink)
      : name_(std::move(name)), index_(index), netlink_(std::move(netlink)) {}
  // Whether it is the one that was opened, and no other of its name.
  [[nodiscard]] bool is_there() const;

  std::string name_;
  unsigned index_;
  Netlink netlink_;
  std::size_t mtu_ = 0;
  std::vector<IpAddress> addresses_;  // sorted, as are the routes
  std::vector<Prefix> routes_;
};

}  // namespace oneping
