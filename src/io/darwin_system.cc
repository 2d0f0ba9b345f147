#include "io/darwin_system.h"

#include <netinet/in.h>

#include <array>
#include <cstring>

#include "io/open_socket.h"
#include "wire/ip.h"

namespace oneping::darwin_system {

namespace {

// netinet/icmp6.h, which is not in every toolchain: a bit for each type that is let through.
constexpr int kIcmp6Filter = 18;
struct Icmp6Filter {
  std::array<std::uint32_t, 8> pass{};
  void let_pass(unsigned type) { pass[type >> 5] |= 1u << (type & 31); }
};

bool let_answers_pass(const Fd& fd) {
  Icmp6Filter filter;
  for (const unsigned type : {1u, 2u, 3u, 4u, 129u}) filter.let_pass(type);
  return setsockopt(fd.get(), IPPROTO_ICMPV6, kIcmp6Filter, &filter, sizeof filter) == 0;
}

bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

// Nobody is asked for privileges. Not connected: then errors from routers would be lost.
Fd open(IpFamily family) {
  const bool v4 = family == IpFamily::v4;
  Fd fd = open_socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, v4 ? kProtocolIcmp : kProtocolIcmpv6);
  if (!fd || v4 || let_answers_pass(fd)) return fd;
  return {};
}

// An ordinary user's ICMPv6 socket has no IPV6_DONTFRAG: the kernel sends in pieces what the path
// does not carry whole.
bool set_fragmentation(int fd, EchoChannelKind kind) {
  if (family_of(kind) == IpFamily::v6) {
    return set(fd, IPPROTO_IPV6, IPV6_USE_MIN_MTU, kind == EchoChannelKind::v6_may_fragment);
  }
  return set(fd, IPPROTO_IP, IP_DONTFRAG, kind == EchoChannelKind::v4_dont_fragment);
}

std::optional<std::uint8_t> read_hop_limit_v4(const cmsghdr& control) {
  if (control.cmsg_level != IPPROTO_IP || control.cmsg_type != IP_RECVTTL ||
      control.cmsg_len < CMSG_LEN(1)) {
    return std::nullopt;
  }
  return *CMSG_DATA(&control);
}

std::optional<Bytes> as_given(IpFamily, MutableBytes bytes, std::uint64_t) { return bytes; }

}  // namespace oneping::darwin_system
