#include "io/address_events.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "io/open_socket.h"

namespace oneping {

Fd open_address_events() {
  Fd events = open_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!events ||
      bind(events.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) {
    return {};
  }
  return events;
}

}  // namespace oneping
