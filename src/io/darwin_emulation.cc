// Linux' raw ICMP sockets in the place of Darwin's datagram ones. They pose the same task: all ICMP
// of the host comes to every socket, the IP header in front. What differs is made up for here, so
// that the tests exercise what Darwin's kernel would give.
#include <linux/icmpv6.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "io/control_messages.h"
#include "io/darwin_system.h"
#include "io/open_socket.h"
#include "proxy/darwin_form.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping::darwin_system {

namespace {

// As on Darwin, but that a set bit blocks.
bool let_answers_pass(const Fd& fd) {
  std::array<std::uint32_t, 8> blocked;
  blocked.fill(0xffffffff);
  for (const unsigned type : {1u, 2u, 3u, 4u, 129u}) blocked[type >> 5] &= ~(1u << (type & 31));
  return setsockopt(fd.get(), IPPROTO_ICMPV6, ICMPV6_FILTER, &blocked, sizeof blocked) == 0;
}

bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

Fd open(IpFamily family) {
  const bool v4 = family == IpFamily::v4;
  Fd fd = open_socket(v4 ? AF_INET : AF_INET6, SOCK_RAW, v4 ? kProtocolIcmp : kProtocolIcmpv6);
  if (!fd || v4 || let_answers_pass(fd)) return fd;
  return {};
}

// An ICMPv6 socket of Darwin cannot forbid that packets leave in pieces which fit the path, as far
// as it is known.
bool set_fragmentation(int fd, EchoChannelKind kind) {
  using enum EchoChannelKind;
  if (family_of(kind) == IpFamily::v4) {
    const int way = kind == v4_may_fragment ? IP_PMTUDISC_DONT : IP_PMTUDISC_PROBE;
    return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, way);
  }
  constexpr int kUnlimited = 0;
  return set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_WANT) &&
         set(fd, IPPROTO_IPV6, IPV6_MTU,
             kind == v6_may_fragment ? static_cast<int>(kIpv6MinMtu) : kUnlimited);
}

std::optional<std::uint8_t> read_hop_limit_v4(const cmsghdr& control) {
  const bool is_told = control.cmsg_level == IPPROTO_IP && control.cmsg_type == IP_TTL;
  return is_told ? small_value(control) : std::nullopt;
}

// Darwin's kernel drops damaged messages, answers requests without showing them, and takes the IP
// header away when it likes: here from every other message.
std::optional<Bytes> as_given(IpFamily family, MutableBytes bytes, std::uint64_t number) {
  if (family == IpFamily::v6) return bytes;
  const auto ip = IpView::parse(bytes);
  if (!ip) return std::nullopt;
  const auto icmp = IcmpView::parse(*ip);
  if (!icmp || icmp->kind == IcmpKind::echo_request) return std::nullopt;
  const std::size_t header_size = ip->payload_offset();
  to_darwin_form(bytes);
  return number % 2 == 0 ? bytes : bytes.subspan(header_size);
}

}  // namespace oneping::darwin_system
