#include "io/udp_linux.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "io/echo_test_namespace.h"
#include "io/file_limit.h"
#include "io/socket_address.h"

namespace oneping {
namespace {

using testing_support::set_loopback_mtu;

constexpr int kPatience = 5000;  // ms, for what the kernel does at once

std::vector<std::uint8_t> numbered(std::uint32_t number, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (i % 4)) ^ i / 4);
  }
  return bytes;
}

struct Inbox : UdpReplies {
  struct Reply {
    UdpSocketId socket;
    SocketAddress source;
    std::uint8_t hop_limit;
    std::uint8_t traffic_class;
    std::vector<std::uint8_t> payload;
  };
  struct Error {
    UdpSocketId socket;
    UdpError error;  // without its views
    std::vector<std::uint8_t> payload;
  };
  struct Failure {
    UdpSocketId socket;
    UdpFailure failure;
    std::vector<std::uint8_t> payload;
  };
  void on_udp_reply(UdpSocketId socket, const UdpReply& reply, Time) override {
    replies.push_back({socket,
                       reply.source,
                       reply.hop_limit,
                       reply.traffic_class,
                       {reply.payload.begin(), reply.payload.end()}});
  }
  void on_udp_error(UdpSocketId socket, const UdpError& error, Time) override {
    errors.push_back({socket, error, {error.payload.begin(), error.payload.end()}});
  }
  bool on_udp_failure(UdpSocketId socket, const UdpFailure& failure, Time) override {
    failures.push_back({socket, failure, {failure.payload.begin(), failure.payload.end()}});
    return true;
  }
  std::vector<Reply> replies;
  std::vector<Error> errors;
  std::vector<Failure> failures;
};

// A host on the loopback device that keeps what it gets, and says what the test makes it say.
class Origin {
 public:
  struct Got {
    SocketAddress from;
    std::vector<std::uint8_t> payload;
    int hop_limit = -1;
    int traffic_class = -1;
  };
  explicit Origin(const char* address) {
    const auto local = *SocketAddress::parse(address);
    sockaddr_storage storage{};
    fd_ = Fd(socket(system_family(local.address.family()), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const socklen_t size = to_sockaddr(local, storage);
    const int on = 1, room = 4 << 20;
    const bool v4 = local.address.is_v4();
    setsockopt(fd_.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, &on,
               sizeof on);
    setsockopt(fd_.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, &on,
               sizeof on);
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&storage), size), 0) << errno;
    address_ = local;
  }
  [[nodiscard]] const SocketAddress& address() const { return address_; }

  [[nodiscard]] Got receive() {
    pollfd wait{fd_.get(), POLLIN, 0};
    if (poll(&wait, 1, kPatience) != 1) return {};
    Got got;
    got.payload.resize(70000);
    sockaddr_storage peer{};
    iovec data{got.payload.data(), got.payload.size()};
    alignas(cmsghdr) std::uint8_t control[128];
    msghdr header{};
    header.msg_name = &peer;
    header.msg_namelen = sizeof peer;
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const auto size = recvmsg(fd_.get(), &header, 0);
    EXPECT_GE(size, 0);
    got.payload.resize(static_cast<std::size_t>(size));
    got.from = from_sockaddr(peer);
    for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      const bool v6 = c->cmsg_level == IPPROTO_IPV6;
      int value = 0;
      std::memcpy(&value, CMSG_DATA(c), std::min<std::size_t>(c->cmsg_len - CMSG_LEN(0), 4));
      if (c->cmsg_type == (v6 ? IPV6_HOPLIMIT : IP_TTL)) got.hop_limit = value;
      if (c->cmsg_type == (v6 ? IPV6_TCLASS : IP_TOS)) got.traffic_class = value & 0xff;
    }
    return got;
  }
  // Whether nothing more comes.
  [[nodiscard]] bool is_quiet() const {
    pollfd wait{fd_.get(), POLLIN, 0};
    return poll(&wait, 1, 50) == 0;
  }
  void send(const SocketAddress& to, const std::vector<std::uint8_t>& payload, int hop_limit = 57,
            int traffic_class = 0xb8) {
    const bool v4 = to.address.is_v4();
    setsockopt(fd_.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS,
               &hop_limit, sizeof hop_limit);
    setsockopt(fd_.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &traffic_class,
               sizeof traffic_class);
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(to, storage);
    EXPECT_EQ(sendto(fd_.get(), payload.data(), payload.size(), 0,
                     reinterpret_cast<sockaddr*>(&storage), size),
              static_cast<ssize_t>(payload.size()));
  }

 private:
  Fd fd_;
  SocketAddress address_;
};

class UdpLinuxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing_support::enter_new_network()) GTEST_SKIP() << "no namespaces here";
    host = std::make_unique<HostAddresses>(*HostAddresses::open());
    make();
  }
  void make() { backend = std::make_unique<UdpLinux>(UdpLinux::Options{}, *host, random); }

  std::optional<DropReason> send(UdpSocketId socket, const SocketAddress& to,
                                 const std::vector<std::uint8_t>& payload,
                                 bool dont_fragment = false,
                                 std::optional<std::uint8_t> hop_limit = 33,
                                 std::uint8_t traffic_class = 0x20) {
    return backend->send(socket,
                         {.destination = to,
                          .hop_limit = hop_limit,
                          .traffic_class = traffic_class,
                          .dont_fragment = dont_fragment,
                          .payload = payload},
                         Time{});
  }
  void flush() { backend->flush(inbox, Time{}); }
  template <typename Condition>
  bool read_until(Condition condition) {
    while (!condition()) {
      pollfd wait{backend->fd(), POLLIN, 0};
      if (poll(&wait, 1, kPatience) != 1) return false;
      backend->on_readable(inbox, Time{});
    }
    return true;
  }

  SeededRandom random{11};
  std::unique_ptr<HostAddresses> host;
  std::unique_ptr<UdpLinux> backend;
  Inbox inbox;
};

TEST_F(UdpLinuxTest, CarriesDatagramsBothWaysWithHopLimitAndClass) {
  for (const char* where : {"127.0.0.2:5000", "[::1]:5000"}) {
    SCOPED_TRACE(where);
    Origin origin(where);
    const IpFamily family = origin.address().address.family();
    ASSERT_EQ(backend->open(0, family), std::nullopt);
    inbox.replies.clear();
    for (const std::size_t size : {0u, 1u, 1200u}) {
      ASSERT_EQ(send(0, origin.address(), numbered(1, size)), std::nullopt);
      flush();
      const auto got = origin.receive();
      EXPECT_EQ(got.payload, numbered(1, size));
      EXPECT_EQ(got.hop_limit, 33);
      EXPECT_EQ(got.traffic_class, 0x20);
      origin.send(got.from, numbered(2, size));
      ASSERT_TRUE(read_until([&] { return !inbox.replies.empty(); }));
      EXPECT_EQ(inbox.replies[0].socket, 0u);
      EXPECT_EQ(inbox.replies[0].source, origin.address());
      EXPECT_EQ(inbox.replies[0].hop_limit, 57);
      EXPECT_EQ(inbox.replies[0].traffic_class, 0xb8);
      EXPECT_EQ(inbox.replies[0].payload, numbered(2, size));
      inbox.replies.clear();
    }
    backend->close(0);
  }
  EXPECT_EQ(backend->send_counters().forwarded(), 6u);
  EXPECT_EQ(backend->receive_counters().forwarded(), 6u);
}

TEST_F(UdpLinuxTest, WithoutAHopLimitTheSystemsOwnHolds) {
  for (const char* where : {"127.0.0.2:5000", "[::1]:5000"}) {
    Origin origin(where);
    ASSERT_EQ(backend->open(0, origin.address().address.family()), std::nullopt);
    ASSERT_EQ(send(0, origin.address(), {1}, false, std::nullopt, 0x20), std::nullopt);
    ASSERT_EQ(send(0, origin.address(), {2}, false, 9, 0x40), std::nullopt);
    flush();
    const auto first = origin.receive();
    EXPECT_EQ(first.hop_limit, 64);
    EXPECT_EQ(first.traffic_class, 0x20);
    const auto second = origin.receive();
    EXPECT_EQ(second.hop_limit, 9);
    EXPECT_EQ(second.traffic_class, 0x40);
    backend->close(0);
  }
}

TEST_F(UdpLinuxTest, TheLargestDatagramsGoBothWays) {
  Origin origin("127.0.0.2:5000");
  ASSERT_EQ(backend->open(0, IpFamily::v4), std::nullopt);
  constexpr std::size_t kLargest = 65507;
  ASSERT_EQ(send(0, origin.address(), numbered(7, kLargest)), std::nullopt);
  flush();
  const auto got = origin.receive();
  ASSERT_EQ(got.payload, numbered(7, kLargest));
  origin.send(got.from, numbered(8, kLargest));
  ASSERT_TRUE(read_until([&] { return !inbox.replies.empty(); }));
  EXPECT_EQ(inbox.replies[0].payload, numbered(8, kLargest));
  EXPECT_EQ(send(0, origin.address(), numbered(7, kLargest + 1)), DropReason::too_big);
  for (int i = 0; i < 20; ++i) {  // more than the batch has room for
    ASSERT_EQ(send(0, origin.address(), numbered(7, kLargest)), std::nullopt);
  }
  flush();
  EXPECT_EQ(backend->send_counters().forwarded(), 21u);
}

TEST_F(UdpLinuxTest, EachSocketHasAPortOfItsOwnAndHearsItsOwn) {
  Origin origin("127.0.0.2:5000");
  constexpr UdpSocketId kMany = 300;
  for (UdpSocketId id = 0; id < kMany; ++id) {
    ASSERT_EQ(backend->open(id, IpFamily::v4), std::nullopt);
    ASSERT_EQ(send(id, origin.address(), numbered(id, 8)), std::nullopt);
  }
  flush();
  std::set<std::uint16_t> ports;
  for (UdpSocketId id = 0; id < kMany; ++id) {
    const auto got = origin.receive();
    ASSERT_TRUE(ports.insert(got.from.port).second);
    origin.send(got.from, got.payload);
  }
  ASSERT_TRUE(read_until([&] { return inbox.replies.size() == kMany; }));
  for (const auto& reply : inbox.replies) ASSERT_EQ(reply.payload, numbered(reply.socket, 8));
}

TEST_F(UdpLinuxTest, DatagramsOfASocketKeepTheirOrder) {
  Origin origin("127.0.0.2:5000");
  for (UdpSocketId id = 0; id < 3; ++id) ASSERT_EQ(backend->open(id, IpFamily::v4), std::nullopt);
  constexpr std::uint32_t kMany = 300;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(send(i % 3, origin.address(), numbered(i, 4), i % 5 == 0), std::nullopt);
  }
  flush();
  std::map<std::uint16_t, std::vector<std::uint32_t>> by_port;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const auto got = origin.receive();
    by_port[got.from.port].push_back(got.payload[0] | std::uint32_t{got.payload[1]} << 8);
  }
  ASSERT_EQ(by_port.size(), 3u);
  for (const auto& [_, numbers] : by_port) {
    EXPECT_EQ(numbers.size(), kMany / 3);
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
  }
}

TEST_F(UdpLinuxTest, AClosedPortIsAnErrorWithTheDatagramsDestination) {
  for (const char* where : {"127.0.0.2:5000", "[::1]:5000"}) {
    SCOPED_TRACE(where);
    const auto closed = *SocketAddress::parse(where);
    const bool v4 = closed.address.is_v4();
    inbox.errors.clear();
    ASSERT_EQ(backend->open(0, closed.address.family()), std::nullopt);
    ASSERT_EQ(send(0, closed, numbered(3, 40)), std::nullopt);
    flush();
    ASSERT_TRUE(read_until([&] { return !inbox.errors.empty(); }));
    const Inbox::Error& told = inbox.errors[0];
    EXPECT_EQ(told.socket, 0u);
    EXPECT_EQ(told.error.destination, closed);
    EXPECT_EQ(told.error.offender, closed.address);
    EXPECT_EQ(told.error.type, v4 ? 3 : 1);
    EXPECT_EQ(told.error.code, v4 ? 3 : 4);
    EXPECT_EQ(told.payload, numbered(3, 40));
    backend->close(0);
  }
}

TEST_F(UdpLinuxTest, AnErrorAboutOneDatagramLosesNoOther) {
  Origin origin("127.0.0.2:5000");
  const auto closed = *SocketAddress::parse("127.0.0.2:5001");
  ASSERT_EQ(backend->open(0, IpFamily::v4), std::nullopt);
  for (std::uint32_t i = 0; i < 50; ++i) {
    ASSERT_EQ(send(0, closed, numbered(i, 9)), std::nullopt);
    flush();  // the error is pending when the next one is sent
    ASSERT_EQ(send(0, origin.address(), numbered(i, 9)), std::nullopt);
    flush();
    const auto got = origin.receive();
    ASSERT_EQ(got.payload, numbered(i, 9));
    origin.send(got.from, got.payload);
  }
  EXPECT_TRUE(inbox.failures.empty());
  ASSERT_TRUE(read_until([&] { return inbox.replies.size() == 50 && inbox.errors.size() == 50; }));
}

TEST_F(UdpLinuxTest, WithoutFragmentsWhatIsTooBigFailsWithTheMtu) {
  for (const char* where : {"127.0.0.2:5000", "[::1]:5000"}) {
    SCOPED_TRACE(where);
    Origin origin(where);
    ASSERT_TRUE(set_loopback_mtu(1400));
    inbox.failures.clear();
    ASSERT_EQ(backend->open(0, origin.address().address.family()), std::nullopt);
    for (int i = 0; i < 2; ++i) {  // the option follows the packet, whatever was before
      ASSERT_EQ(send(0, origin.address(), numbered(1, 3000), true), std::nullopt);
      ASSERT_EQ(send(0, origin.address(), numbered(2, 3000), false), std::nullopt);
      ASSERT_EQ(send(0, origin.address(), numbered(3, 1300), true), std::nullopt);
      flush();
      EXPECT_EQ(origin.receive().payload, numbered(2, 3000)) << "in fragments";
      EXPECT_EQ(origin.receive().payload, numbered(3, 1300));
    }
    EXPECT_TRUE(origin.is_quiet());
    ASSERT_EQ(inbox.failures.size(), 2u);
    EXPECT_EQ(inbox.failures[0].failure.reason, DropReason::too_big);
    EXPECT_EQ(inbox.failures[0].failure.mtu, 1400u);
    EXPECT_EQ(inbox.failures[0].failure.destination, origin.address());
    const auto beginning = numbered(1, 3000);
    ASSERT_FALSE(inbox.failures[0].payload.empty());
    EXPECT_TRUE(std::ranges::equal(inbox.failures[0].payload,
                                   Bytes(beginning).first(inbox.failures[0].payload.size())));
    backend->close(0);
    ASSERT_TRUE(set_loopback_mtu(65536));
  }
  EXPECT_EQ(backend->send_counters().answered(DropReason::too_big), 4u);
}

TEST_F(UdpLinuxTest, WhereNoRouteLeadsIsAFailureAndTheOthersLeave) {
  Origin origin("127.0.0.2:5000");
  ASSERT_EQ(backend->open(0, IpFamily::v4), std::nullopt);
  ASSERT_EQ(send(0, *SocketAddress::parse("10.1.2.3:53"), numbered(1, 5)), std::nullopt);
  ASSERT_EQ(send(0, origin.address(), numbered(2, 5)), std::nullopt);
  flush();
  EXPECT_EQ(origin.receive().payload, numbered(2, 5));
  ASSERT_EQ(inbox.failures.size(), 1u);
  EXPECT_EQ(inbox.failures[0].failure.reason, DropReason::no_route);
  EXPECT_EQ(inbox.failures[0].failure.destination, *SocketAddress::parse("10.1.2.3:53"));
  EXPECT_EQ(inbox.failures[0].payload, numbered(1, 5));
}

TEST_F(UdpLinuxTest, ClosingSendsWhatWaitsAndEndsEverything) {
  Origin origin("127.0.0.2:5000");
  for (const UdpSocketId id : {0u, 1u}) {
    ASSERT_EQ(backend->open(id, IpFamily::v4), std::nullopt);
    ASSERT_EQ(send(id, origin.address(), numbered(id, 4)), std::nullopt);
  }
  ASSERT_EQ(send(0, *SocketAddress::parse("10.1.2.3:53"), numbered(1, 5)), std::nullopt);
  backend->close(0);
  const auto first = origin.receive();
  EXPECT_EQ(first.payload, numbered(0, 4));
  EXPECT_EQ(backend->open_sockets(), 1u);
  ASSERT_EQ(backend->open(0, IpFamily::v6), std::nullopt) << "its number is free";
  flush();
  EXPECT_TRUE(inbox.failures.empty()) << "nobody hears the old one's failures";
  EXPECT_EQ(backend->send_counters().dropped(DropReason::no_route), 1u);
  EXPECT_EQ(origin.receive().payload, numbered(1, 4));
  origin.send(first.from, numbered(9, 4));
  backend->on_readable(inbox, Time{});
  EXPECT_TRUE(inbox.replies.empty());
}

TEST_F(UdpLinuxTest, OnlyHalfOfTheSystemsPortsAreTaken) {
  {
    const Fd range(::open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY));
    ASSERT_EQ(::write(range.get(), "40000 40019", 11), 11);
    const Fd reserved(::open("/proc/sys/net/ipv4/ip_local_reserved_ports", O_WRONLY));
    ASSERT_EQ(::write(reserved.get(), "1024-29999,50000", 16), 16);
  }
  make();
  Origin origin("127.0.0.2:30000");
  for (UdpSocketId id = 0; id < 100; ++id) {
    ASSERT_EQ(backend->open(id, IpFamily::v4), std::nullopt);
    ASSERT_EQ(send(id, origin.address(), {1}), std::nullopt);
  }
  flush();
  int inside = 0;
  for (int i = 0; i < 100; ++i) {
    const auto port = origin.receive().from.port;
    inside += port >= 40000 && port <= 40019 ? 1 : 0;
    EXPECT_GE(port, 30000);
    EXPECT_NE(port, 50000);
  }
  EXPECT_EQ(inside, 10);
}

TEST_F(UdpLinuxTest, WithoutDescriptorsASocketIsRefused) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = before;
  few.rlim_cur = 64;
  setrlimit(RLIMIT_NOFILE, &few);
  std::optional<DropReason> refusal;
  UdpSocketId id = 0;
  for (; id < 100 && !refusal; ++id) refusal = backend->open(id, IpFamily::v4);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(refusal, DropReason::flow_table_full);
  EXPECT_EQ(backend->open_sockets(), id - 1);
}

TEST_F(UdpLinuxTest, FailuresAreBounded) {
  ASSERT_EQ(backend->open(0, IpFamily::v4), std::nullopt);
  constexpr std::size_t kMany = 3 * UdpLinux::Failures::kMax;
  for (std::size_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(send(0, *SocketAddress::parse("10.1.2.3:53"), {1}), std::nullopt);
  }
  flush();
  EXPECT_EQ(inbox.failures.size(), UdpLinux::Failures::kMax);
  EXPECT_EQ(backend->send_counters().held(), 0u);
  EXPECT_EQ(backend->send_counters().dropped(DropReason::no_route), 2 * UdpLinux::Failures::kMax);
}

TEST_F(UdpLinuxTest, WhatTheKernelHadNoRoomForIsCounted) {
  Origin origin("127.0.0.2:5000");
  ASSERT_EQ(backend->open(0, IpFamily::v4), std::nullopt);
  ASSERT_EQ(send(0, origin.address(), {1}), std::nullopt);
  flush();
  const auto to = origin.receive().from;
  constexpr std::size_t kMany = 20000;
  for (std::size_t i = 0; i < kMany; ++i) origin.send(to, {2, 3, 4});
  while (true) {
    pollfd wait{backend->fd(), POLLIN, 0};
    if (poll(&wait, 1, 0) != 1) break;
    backend->on_readable(inbox, Time{});
  }
  origin.send(to, {5});  // tells what was lost before it
  ASSERT_TRUE(read_until([&] { return inbox.replies.back().payload.size() == 1; }));
  EXPECT_GT(backend->kernel_drops(), 0u);
  EXPECT_EQ(inbox.replies.size() + backend->kernel_drops(), kMany + 1);
}

TEST(FileLimit, IsRaisedToTheHardOne) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t got = raise_file_limit();
  EXPECT_GE(got, limit.rlim_cur);
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace oneping
