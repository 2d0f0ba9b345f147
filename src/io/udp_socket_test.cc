#include "io/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <map>
#include <string>
#include <vector>

namespace oneping {
namespace {

using Packets = std::vector<std::string>;

std::unique_ptr<UdpSocket> open_at(const char* address, Batching batching) {
  auto socket = UdpSocket::open({.local = {*IpAddress::parse(address), 0}, .batching = batching});
  EXPECT_TRUE(socket) << socket.error().message;
  return socket ? std::move(*socket) : nullptr;
}

// Loopback delivers during the send call, so what was flushed can be read at once.
struct Received {
  Packets packets;
  quic::Path path;  // of the last
  std::size_t calls = 0;
};
Received read_all(UdpSocket& socket) {
  Received received;
  pollfd ready{socket.fd(), POLLIN, 0};
  while (::poll(&ready, 1, 0) == 1) {
    socket.read([&](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
      ++received.calls;
      received.path = path;
      for (std::size_t at = 0; at < bytes.size(); at += segment_size) {
        const Bytes packet = bytes.subspan(at, std::min(segment_size, bytes.size() - at));
        received.packets.emplace_back(packet.begin(), packet.end());
      }
    });
  }
  return received;
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// `count` packets of `size` bytes, all different, and a shorter one.
Packets make_packets(std::size_t count, std::size_t size) {
  Packets packets;
  for (std::size_t i = 0; i < count; ++i) {
    packets.push_back(std::to_string(1000 + i) + std::string(size - 4, char('a' + i % 26)));
  }
  packets.emplace_back("short");
  return packets;
}

std::string end_to_end(const Packets& packets) {
  std::string all;
  for (const auto& packet : packets) all += packet;
  return all;
}

using Case = std::tuple<const char*, Batching>;
class UdpSocketTest : public ::testing::TestWithParam<Case> {
 protected:
  const char* address() const { return std::get<0>(GetParam()); }
  Batching batching() const { return std::get<1>(GetParam()); }
};

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  static const std::map<Batching, std::string> names = {{Batching::automatic, "automatic"},
                                                        {Batching::gso, "gso"},
                                                        {Batching::mmsg, "mmsg"},
                                                        {Batching::single, "single"}};
  const bool v4 = std::string(std::get<0>(info.param)).find('.') != std::string::npos;
  return (v4 ? "v4_" : "v6_") + names.at(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(All, UdpSocketTest,
                         ::testing::Combine(::testing::Values("127.0.0.1", "::1"),
                                            ::testing::Values(Batching::automatic, Batching::gso,
                                                              Batching::mmsg, Batching::single)),
                         case_name);

TEST_P(UdpSocketTest, CarriesRunsInOrderUnchangedOnlyAfterFlush) {
  auto a = open_at(address(), batching());
  auto b = open_at(address(), batching());
  const Packets first = make_packets(40, 1200);
  const Packets second = make_packets(3, 300);
  const quic::Path path{a->local(), b->local()};
  a->send(path, bytes_of(end_to_end(first)), 1200);
  a->send(path, bytes_of(end_to_end(second)), 300);
  a->send(path, bytes_of("alone"), 5);
  EXPECT_TRUE(read_all(*b).packets.empty());
  a->flush();

  Packets expected = first;
  expected.insert(expected.end(), second.begin(), second.end());
  expected.emplace_back("alone");
  const Received received = read_all(*b);
  EXPECT_EQ(received.packets, expected);
  EXPECT_EQ(received.path, (quic::Path{b->local(), a->local()}));
  EXPECT_EQ(a->counters().sent, expected.size());
  EXPECT_EQ(b->counters().received, expected.size());
  if (batching() == Batching::single) {
    EXPECT_EQ(a->counters().send_calls, expected.size());
  } else {
    EXPECT_EQ(a->counters().send_calls, 1u);
  }
  if (a->batching() == Batching::gso) {
    EXPECT_LT(received.calls, expected.size() / 4);
  }
}

TEST_P(UdpSocketTest, WildcardTellsTheLocalAddressAndRepliesFromIt) {
  const bool v4 = IpAddress::parse(address())->is_v4();
  auto server = open_at(v4 ? "0.0.0.0" : "::", batching());
  auto client = open_at(address(), batching());
  // A second loopback address exists without configuration for IPv4 only.
  const IpAddress contacted = *IpAddress::parse(v4 ? "127.0.0.77" : "::1");
  client->send({client->local(), {contacted, server->local().port}}, bytes_of("ping"), 4);
  client->flush();
  const Received request = read_all(*server);
  ASSERT_EQ(request.packets, Packets{"ping"});
  EXPECT_EQ(request.path.local, (SocketAddress{contacted, server->local().port}));

  server->send(request.path, bytes_of("pong"), 4);
  server->flush();
  const Received reply = read_all(*client);
  ASSERT_EQ(reply.packets, Packets{"pong"});
  EXPECT_EQ(reply.path.remote.address, contacted);
}

TEST_P(UdpSocketTest, UnspecifiedLocalAddressOfAPathLetsTheSystemChoose) {
  const bool v4 = IpAddress::parse(address())->is_v4();
  auto client = open_at(v4 ? "0.0.0.0" : "::", batching());
  auto server = open_at(address(), batching());
  client->send({client->local(), server->local()}, bytes_of("hello"), 5);
  client->flush();
  EXPECT_EQ(read_all(*server).path.remote,
            (SocketAddress{server->local().address, client->local().port}));
}

TEST_P(UdpSocketTest, MoreThanTheQueueHoldsGoesOutEarlyAndWhole) {
  auto a = open_at(address(), batching());
  auto b = open_at(address(), batching());
  Packets expected;
  for (int i = 0; i < 150; ++i) {
    const std::string packet = "packet " + std::to_string(i);
    expected.push_back(packet);
    a->send({a->local(), b->local()}, bytes_of(packet), packet.size());
  }
  a->flush();
  EXPECT_EQ(read_all(*b).packets, expected);
}

TEST_P(UdpSocketTest, PacketToAClosedPortHarmsNothing) {
  auto a = open_at(address(), batching());
  auto b = open_at(address(), batching());
  SocketAddress closed;
  closed = open_at(address(), batching())->local();
  for (const auto& to : {closed, closed, b->local()}) {
    a->send({a->local(), to}, bytes_of("x"), 1);
    a->flush();
  }
  EXPECT_EQ(read_all(*b).packets, Packets{"x"});
  EXPECT_TRUE(read_all(*a).packets.empty());
}

TEST_P(UdpSocketTest, WhatCannotLeaveIsCounted) {
  auto a = open_at(address(), batching());
  const bool v4 = IpAddress::parse(address())->is_v4();
  a->send({a->local(), {*IpAddress::parse(v4 ? "::1" : "127.0.0.1"), 9}}, bytes_of("abc"), 1);
  EXPECT_EQ(a->counters().send_failed, 3u);

  const std::string huge(65536, 'h');  // no UDP length field holds it
  a->send({a->local(), a->local()}, bytes_of(huge), huge.size());
  a->flush();
  EXPECT_EQ(a->counters().too_big, 1u);
  EXPECT_EQ(a->counters().sent, 0u);
}

TEST(UdpSocketOpen, AddressInUseIsOneLineWithTheAddress) {
  auto first = open_at("127.0.0.1", Batching::automatic);
  const auto second = UdpSocket::open({.local = first->local()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "binding to UDP address " + first->local().to_string() + ": Address already in use");
}

}  // namespace
}  // namespace oneping
