#include "io/network_monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "io/system_error.h"

namespace oneping {

Result<NetworkMonitor> NetworkMonitor::open() {
  Fd events(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (!events ||
      ::bind(events.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) {
    return system_failure("watching this host's network");
  }
  return NetworkMonitor(std::move(events));
}

void NetworkMonitor::drain() {
  // What the events say does not matter, nor whether some were lost: that there were any does.
  std::array<std::uint8_t, 8192> ignored;
  while (::recv(events_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) > 0 ||
         errno == ENOBUFS || errno == EINTR) {
  }
}

}  // namespace oneping
