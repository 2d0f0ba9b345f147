// Addresses, routes and links of this network namespace, through rtnetlink. Every call is one
// request and waits for the kernel's answer, which comes at once. Needs CAP_NET_ADMIN.
//
// An error says what was tried on what, and the kernel's reason. Adding what is there and removing
// what is not are successes.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/fd.h"
#include "io/interface_address.h"
#include "wire/ip_address.h"

namespace oneping {

class Netlink {
 public:
  [[nodiscard]] static Result<Netlink> open();

  [[nodiscard]] Result<void> set_up(const std::string& interface, int mtu);
  // How many packets may wait for who reads a TUN device.
  [[nodiscard]] Result<void> set_queue_length(const std::string& interface, int packets);
  [[nodiscard]] Result<void> add_address(const std::string& interface,
                                         const InterfaceAddress& address);
  [[nodiscard]] Result<void> remove_address(const std::string& interface,
                                            const InterfaceAddress& address);
  // A route to the interface itself, without a gateway.
  [[nodiscard]] Result<void> add_route(const std::string& interface, const Prefix& destination);
  // The same, for this interface alone: one that is there already is an error.
  [[nodiscard]] Result<void> claim_route(const std::string& interface, const Prefix& destination);
  [[nodiscard]] Result<void> remove_route(const std::string& interface, const Prefix& destination);

 private:
  class Request;
  explicit Netlink(Fd fd) : fd_(std::move(fd)) {}
  // 0 or the kernel's errno.
  [[nodiscard]] int ask(Request& request);
  [[nodiscard]] int change_link(const std::string& interface, unsigned flags, int attribute,
                                int value);
  [[nodiscard]] int change_address(bool add, const std::string& interface,
                                   const InterfaceAddress& address);
  [[nodiscard]] int change_route(bool add, const std::string& interface, const Prefix& destination);

  Fd fd_;
  std::uint32_t sequence_ = 0;
};

}  // namespace oneping
