#include "io/netlink.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cstring>

#include "io/socket_address.h"
#include "io/system_error.h"

namespace oneping {

// A netlink message under construction: header, the fixed body of its type, attributes.
class Netlink::Request {
 public:
  template <typename Body>
  Request(int type, int flags, const Body& body) {
    header_.nlmsg_type = static_cast<std::uint16_t>(type);
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    size_ = NLMSG_HDRLEN;
    put(&body, sizeof body);
  }

  void attribute(int type, Bytes value) {
    rtattr attribute{};
    attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(value.size()));
    attribute.rta_type = static_cast<std::uint16_t>(type);
    put(&attribute, sizeof attribute);
    put(value.data(), value.size());
  }
  void attribute(int type, std::uint32_t value) {
    std::uint8_t bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);  // attributes are in host order
    attribute(type, Bytes(bytes));
  }

  Bytes finish(std::uint32_t sequence) {
    header_.nlmsg_len = static_cast<std::uint32_t>(size_);
    header_.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    return Bytes(bytes_).first(size_);
  }

 private:
  void put(const void* value, std::size_t size) {
    assert(size_ + NLMSG_ALIGN(size) <= bytes_.size());
    std::memcpy(bytes_.data() + size_, value, size);
    size_ += NLMSG_ALIGN(size);
  }

  nlmsghdr header_{};
  alignas(nlmsghdr) std::array<std::uint8_t, 256> bytes_{};
  std::size_t size_ = 0;
};

Result<Netlink> Netlink::open() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) return system_failure("opening a netlink socket");
  return Netlink(std::move(fd));
}

Result<void> Netlink::set_up(const std::string& interface, int mtu) {
  const int error = change_link(interface, IFF_UP, IFLA_MTU, mtu);
  if (error == 0) return {};
  return system_failure("setting up " + interface + " with MTU " + std::to_string(mtu), error);
}

Result<void> Netlink::set_queue_length(const std::string& interface, int packets) {
  const int error = change_link(interface, 0, IFLA_TXQLEN, packets);
  if (error == 0) return {};
  return system_failure("making room for " + std::to_string(packets) + " packets in " + interface,
                        error);
}

Result<void> Netlink::add_address(const std::string& interface, const InterfaceAddress& address) {
  const int error = change_address(true, interface, address);
  if (error == 0 || error == EEXIST) return {};
  return system_failure("adding address " + address.to_string() + " to " + interface, error);
}

Result<void> Netlink::remove_address(const std::string& interface,
                                     const InterfaceAddress& address) {
  const int error = change_address(false, interface, address);
  if (error == 0 || error == EADDRNOTAVAIL) return {};
  return system_failure("removing address " + address.to_string() + " from " + interface, error);
}

Result<void> Netlink::add_route(const std::string& interface, const Prefix& destination) {
  const int error = change_route(true, interface, destination);
  if (error == 0 || error == EEXIST) return {};
  return system_failure("adding route " + destination.to_string() + " to " + interface, error);
}

Result<void> Netlink::claim_route(const std::string& interface, const Prefix& destination) {
  const int error = change_route(true, interface, destination);
  if (error == 0) return {};
  const std::string tried = "adding route " + destination.to_string() + " to " + interface;
  if (error == EEXIST) return fail(tried + ": this host has such a route already");
  return system_failure(tried, error);
}

Result<void> Netlink::remove_route(const std::string& interface, const Prefix& destination) {
  const int error = change_route(false, interface, destination);
  if (error == 0 || error == ESRCH) return {};
  return system_failure("removing route " + destination.to_string() + " from " + interface, error);
}

int Netlink::change_link(const std::string& interface, unsigned flags, int attribute, int value) {
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(::if_nametoindex(interface.c_str()));
  body.ifi_flags = flags;
  body.ifi_change = flags;
  if (body.ifi_index == 0) return ENODEV;
  Request request(RTM_NEWLINK, 0, body);
  request.attribute(attribute, static_cast<std::uint32_t>(value));
  return ask(request);
}

int Netlink::change_address(bool add, const std::string& interface,
                            const InterfaceAddress& address) {
  ifaddrmsg body{};
  body.ifa_family = static_cast<std::uint8_t>(system_family(address.address.family()));
  body.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix_length);
  body.ifa_flags = IFA_F_NODAD;  // nobody else is on a TUN device to ask
  body.ifa_index = ::if_nametoindex(interface.c_str());
  if (body.ifa_index == 0) return ENODEV;
  Request request(add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_EXCL : 0, body);
  request.attribute(IFA_LOCAL, address.address.network_bytes());
  request.attribute(IFA_ADDRESS, address.address.network_bytes());
  return ask(request);
}

int Netlink::change_route(bool add, const std::string& interface, const Prefix& destination) {
  rtmsg body{};
  body.rtm_family = static_cast<std::uint8_t>(system_family(destination.family()));
  body.rtm_dst_len = static_cast<std::uint8_t>(destination.length());
  body.rtm_table = RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_STATIC;
  body.rtm_scope = destination.family() == IpFamily::v4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  body.rtm_type = RTN_UNICAST;
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) return ENODEV;
  Request request(add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_EXCL : 0, body);
  request.attribute(RTA_DST, destination.address().network_bytes());
  request.attribute(RTA_OIF, static_cast<std::uint32_t>(index));
  return ask(request);
}

int Netlink::ask(Request& request) {
  const Bytes message = request.finish(++sequence_);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (::sendto(fd_.get(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
               sizeof kernel) < 0) {
    return errno;
  }
  alignas(nlmsghdr) std::array<std::uint8_t, 8192> answer;
  const ssize_t size = ::recv(fd_.get(), answer.data(), answer.size(), 0);
  if (size < 0) return errno;
  nlmsghdr header;
  nlmsgerr result;
  if (static_cast<std::size_t>(size) < NLMSG_HDRLEN + sizeof result) return EBADMSG;
  std::memcpy(&header, answer.data(), sizeof header);
  std::memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
  if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_seq != sequence_) return EBADMSG;
  return -result.error;
}

}  // namespace oneping
