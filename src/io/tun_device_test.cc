#include "io/tun_device.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "io/capabilities.h"
#include "io/netlink.h"
#include "io/testing/network_namespace.h"
#include "io/udp_socket.h"

namespace oneping {
namespace {

TunOptions both_families() {
  return {.name = "tun-test",
          .mtu = 1400,
          .addresses = {*InterfaceAddress::parse("10.9.0.1/24"),
                        *InterfaceAddress::parse("fd09::1/64")},
          .routes = {*Prefix::parse("10.20.0.0/16"), *Prefix::parse("fd20::/32")}};
}

// Offsets of what the tests look at (RFC 791, RFC 8200).
struct Layout {
  std::size_t source, destination, address_size, header;
};
Layout layout_of(const Packet& packet) {
  return packet.data()[0] >> 4 == 4 ? Layout{12, 16, 4, 20} : Layout{8, 24, 16, 40};
}

// The next packet from the device to `destination`; the stack's own multicast is passed over.
Packet next_packet_to(TunDevice& tun, PacketPool& pool, const IpAddress& destination) {
  Packet found;
  pollfd ready{tun.fd(), POLLIN, 0};
  while (!found && ::poll(&ready, 1, 2000) == 1) {
    tun.read(pool, [&](Packet packet) {
      const Layout at = layout_of(packet);
      const Bytes to = destination.network_bytes();
      if (to.size() == at.address_size &&
          std::memcmp(packet.data() + at.destination, to.data(), to.size()) == 0) {
        found = std::move(packet);
      }
    });
  }
  EXPECT_TRUE(found) << "no packet to " << destination.to_string();
  return found;
}

// Makes a UDP packet its own answer. Swapping leaves the checksums right.
void swap_ends(Packet& packet) {
  const Layout at = layout_of(packet);
  std::uint8_t* p = packet.data();
  std::swap_ranges(p + at.source, p + at.source + at.address_size, p + at.destination);
  std::swap_ranges(p + at.header, p + at.header + 2, p + at.header + 2);
}

void expect_round_trip(TunDevice& tun, PacketPool& pool, const char* own, const char* remote) {
  auto socket = UdpSocket::open({.local = {*IpAddress::parse(own), 0}});
  ASSERT_TRUE(socket) << socket.error().message;
  const SocketAddress far{*IpAddress::parse(remote), 9};
  const std::uint8_t question[] = {'h', 'i'};
  (*socket)->send({(*socket)->local(), far}, question, sizeof question);
  (*socket)->flush();

  Packet packet = next_packet_to(tun, pool, far.address);
  ASSERT_TRUE(packet);
  swap_ends(packet);
  // The kernel makes a new IPv6 address its own a moment after the request for it was answered,
  // and drops what comes before.
  pollfd ready{(*socket)->fd(), POLLIN, 0};
  for (int attempt = 0; attempt < 200 && ready.revents == 0; ++attempt) {
    auto copy = pool.copy(packet.bytes());
    EXPECT_EQ(tun.send(*copy, Time{}), std::nullopt);
    EXPECT_FALSE(*copy) << "a sent packet is taken";
    ::poll(&ready, 1, 10);
  }
  ASSERT_EQ(ready.revents, POLLIN);

  std::string answer;
  quic::Path path;
  (*socket)->read([&](const quic::Path& from, Bytes bytes, std::size_t) {
    path = from;
    answer.assign(bytes.begin(), bytes.end());
  });
  EXPECT_EQ(answer, "hi");
  EXPECT_EQ(path.remote, far);
}

TEST(TunDevice, CarriesBothFamiliesOverItsRoutesWithoutCapabilities) {
  run_in_network_namespace([] {
    auto tun = TunDevice::open(both_families());
    ASSERT_TRUE(tun) << tun.error().message;
    ASSERT_TRUE(drop_all_capabilities());
    PacketPool pool;
    expect_round_trip(**tun, pool, "10.9.0.1", "10.20.3.4");
    expect_round_trip(**tun, pool, "fd09::1", "fd20::34");
    EXPECT_EQ(pool.in_use(), 0u);

    const auto second = TunDevice::open({.name = "tun-two"});
    ASSERT_FALSE(second) << "capabilities are gone";
    EXPECT_NE(second.error().message.find("tun-two"), std::string::npos);
  });
}

TEST(TunDevice, HasRoomForManyWhileNobodyReadsAndCountsTheOthers) {
  run_in_network_namespace([] {
    auto tun = TunDevice::open(both_families());
    ASSERT_TRUE(tun) << tun.error().message;
    auto socket = UdpSocket::open({.local = *SocketAddress::parse("10.9.0.1:0")});
    ASSERT_TRUE(socket) << socket.error().message;
    const SocketAddress far = *SocketAddress::parse("10.20.3.4:9");
    const std::vector<std::uint8_t> question(10);
    const auto send = [&](int many) {
      for (int i = 0; i < many; ++i) {
        (*socket)->send({(*socket)->local(), far}, question, question.size());
        (*socket)->flush();
      }
    };
    PacketPool pool;
    const auto received = [&] {
      int all = 0;
      for (int before = -1; before < all;) {
        before = all;
        (*tun)->read(pool, [&](Packet) { ++all; });
      }
      return all;
    };
    send(10'000);
    EXPECT_EQ(received(), 10'000);
    EXPECT_EQ((*tun)->dropped_in_queue(), 0u);
    send(20'000);
    const int second = received();
    EXPECT_GE(second, 10'000);
    EXPECT_EQ(second + static_cast<int>((*tun)->dropped_in_queue()), 20'000);
  });
}

TEST(TunDevice, WithoutBuffersPacketsAreDroppedAndCountedNotLeftReadable) {
  run_in_network_namespace([] {
    auto tun = TunDevice::open(both_families());
    ASSERT_TRUE(tun) << tun.error().message;
    PacketPool pool({.max_packets = 1});
    auto only = pool.allocate(1);
    ASSERT_TRUE(only);
    auto socket = UdpSocket::open({.local = *SocketAddress::parse("10.9.0.1:0")});
    ASSERT_TRUE(socket) << socket.error().message;
    const SocketAddress far = *SocketAddress::parse("10.20.3.4:9");
    const std::vector<std::uint8_t> question(1000);
    const auto send_three = [&] {
      for (int i = 0; i < 3; ++i) {
        (*socket)->send({(*socket)->local(), far}, question, question.size());
      }
      (*socket)->flush();
    };

    send_three();
    pollfd ready{(*tun)->fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 2000), 1);
    const auto none = [](const Packet&) { ADD_FAILURE() << "a packet without a buffer"; };
    (*tun)->read(pool, none);
    const auto dropped = (*tun)->dropped_no_buffer();
    EXPECT_GE(dropped, 3u) << "the stack's own multicast may add to them";
    EXPECT_EQ(::poll(&ready, 1, 0), 0) << "still readable: a loop would spin";

    only = Packet();
    send_three();
    const Packet packet = next_packet_to(**tun, pool, far.address);
    EXPECT_EQ(packet.size(), 1028u) << "with room again packets are whole";
  });
}

TEST(TunDevice, RefusalsLeaveThePacketAlone) {
  run_in_network_namespace([] {
    auto tun = TunDevice::open(both_families());
    ASSERT_TRUE(tun) << tun.error().message;
    EXPECT_EQ((*tun)->max_packet_size(), 1400u);
    PacketPool pool;

    auto large = pool.allocate(1401);
    EXPECT_EQ((*tun)->send(*large, Time{}), DropReason::too_big);
    EXPECT_TRUE(*large);

    auto no_ip = pool.allocate(40);
    std::memset(no_ip->data(), 0xf0, no_ip->size());
    EXPECT_EQ((*tun)->send(*no_ip, Time{}), DropReason::send_failed);

    ifreq request{};
    std::strcpy(request.ifr_name, "tun-test");
    const Fd any(::socket(AF_INET, SOCK_DGRAM, 0));
    ASSERT_EQ(::ioctl(any.get(), SIOCSIFFLAGS, &request), 0);  // no flag set: down
    auto packet = pool.allocate(40);
    std::memset(packet->data(), 0x45, packet->size());
    EXPECT_EQ((*tun)->send(*packet, Time{}), DropReason::link_down);
    EXPECT_TRUE(*packet);
  });
}

TEST(TunDevice, RoutesComeAndGoAndEverythingVanishesWithTheDevice) {
  run_in_network_namespace([] {
    const auto reaches = [](const char* destination) {
      const Fd socket(::socket(AF_INET, SOCK_DGRAM, 0));
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(9);
      std::memcpy(&to.sin_addr, IpAddress::parse(destination)->network_bytes().data(), 4);
      return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    };
    auto tun = TunDevice::open(both_families());
    ASSERT_TRUE(tun) << tun.error().message;
    EXPECT_TRUE(reaches("10.20.0.1"));
    EXPECT_FALSE(reaches("10.30.0.1"));
    const Prefix more = *Prefix::parse("10.30.0.0/16");
    EXPECT_TRUE((*tun)->add_route(more));
    EXPECT_TRUE((*tun)->add_route(more)) << "adding twice is no error";
    EXPECT_TRUE(reaches("10.30.0.1"));
    EXPECT_TRUE((*tun)->remove_route(more));
    EXPECT_TRUE((*tun)->remove_route(more)) << "nor is removing twice";
    EXPECT_FALSE(reaches("10.30.0.1"));

    const auto busy = TunDevice::open(both_families());
    ASSERT_FALSE(busy);
    EXPECT_NE(busy.error().message.find("tun-test"), std::string::npos);
    tun->reset();
    EXPECT_FALSE(reaches("10.20.0.1"));
    EXPECT_EQ(::if_nametoindex("tun-test"), 0u);
  });
}

TEST(Netlink, ErrorsSayWhatWasTriedAndWhy) {
  run_in_network_namespace([] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    const auto missing = netlink->add_route("nowhere", *Prefix::parse("10.0.0.0/8"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "adding route 10.0.0.0/8 to nowhere: No such device");
    EXPECT_TRUE(netlink->add_address("lo", *InterfaceAddress::parse("10.1.2.3/8")));
    EXPECT_TRUE(netlink->add_address("lo", *InterfaceAddress::parse("10.1.2.3/8")));
    EXPECT_TRUE(netlink->remove_address("lo", *InterfaceAddress::parse("10.1.2.3/8")));
    EXPECT_TRUE(netlink->remove_address("lo", *InterfaceAddress::parse("10.1.2.3/8")));
  });
}

TEST(TunDevice, NameOutsideTheSystemsBoundsIsRefused) {
  const auto tun = TunDevice::open({.name = "a-name-too-long-for-it"});
  ASSERT_FALSE(tun);
  EXPECT_NE(tun.error().message.find("1 to 15 characters"), std::string::npos);
}

// Needs an MTU that packets can exceed, which loopback outside a namespace has not.
TEST(UdpSocketOnSmallMtu, RunsOverTheMtuAreDroppedAndSegmentationStaysOn) {
  run_in_network_namespace([] {
    ASSERT_TRUE(Netlink::open()->set_up("lo", 1300));
    auto socket = UdpSocket::open({.local = *SocketAddress::parse("127.0.0.1:0")});
    ASSERT_TRUE(socket) << socket.error().message;
    const Batching before = (*socket)->batching();
    const std::vector<std::uint8_t> bytes(4 * 1400);
    (*socket)->send({(*socket)->local(), (*socket)->local()}, bytes, 1400);
    (*socket)->send({(*socket)->local(), (*socket)->local()}, bytes, 1120);
    (*socket)->flush();
    EXPECT_EQ((*socket)->counters().too_big, 4u);
    EXPECT_EQ((*socket)->counters().sent, 5u);
    EXPECT_EQ((*socket)->counters().send_failed, 0u);
    EXPECT_EQ((*socket)->batching(), before);
  });
}

}  // namespace
}  // namespace oneping
