#include "edge/flow_key.h"

#include <gtest/gtest.h>

#include "test/support/packet_builder.h"

namespace oneping::edge {
namespace {

using test::address;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;

struct Family {
  const char* client;
  const char* host;
  const char* router;
  int exceeded;
};
const Family kFamilies[] = {{"100.96.0.1", "172.16.10.120", "10.0.0.1", 11},
                            {"fd00:64::1", "fd00:10::120", "fd00::9", 3}};

FlowKey udp_key(const Family& f, std::uint16_t client_port, std::uint16_t port) {
  return {address(f.client), address(f.host), client_port, port, Protocol::udp};
}
FlowKey echo_key(const Family& f, std::uint16_t id) {
  return {address(f.client), address(f.host), id, 0, Protocol::icmp};
}

tl::expected<FlowKey, DropReason> request(const ByteVector& packet) {
  return flow_of_request(IpView::parse(packet).value());
}
tl::expected<ReplyFlow, DropReason> reply(const ByteVector& packet) {
  return flow_of_reply(IpView::parse(packet).value());
}

TEST(FlowKey, WhatGoesAndWhatComesBackIsOneFlow) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.client);
    EXPECT_EQ(request(PacketBuilder(f.client, f.host).udp(4000, 53, pattern(3)).build()),
              udp_key(f, 4000, 53));
    const auto answer = reply(PacketBuilder(f.host, f.client).udp(53, 4000).build());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->key, udp_key(f, 4000, 53));
    EXPECT_FALSE(answer->is_error);

    EXPECT_EQ(request(PacketBuilder(f.client, f.host).echo_request(7, 1).build()), echo_key(f, 7));
    const auto echo = reply(PacketBuilder(f.host, f.client).echo_reply(7, 1).build());
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->key, echo_key(f, 7));
  }
}

TEST(FlowKey, AnErrorIsOfTheFlowThatItQuotes) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.client);
    const auto about = [&](const ByteVector& quote) {
      return reply(PacketBuilder(f.router, f.client).icmp(f.exceeded, 0, 0, quote).build());
    };
    const auto udp = about(PacketBuilder(f.client, f.host).udp(4000, 33434).build());
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->key, udp_key(f, 4000, 33434));
    EXPECT_TRUE(udp->is_error);
    const auto echo = about(PacketBuilder(f.client, f.host).echo_request(7, 1).build());
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->key, echo_key(f, 7));
    EXPECT_TRUE(echo->is_error);
    // To somebody else than who sent the quoted packet.
    EXPECT_EQ(about(PacketBuilder(f.host, f.router).udp(4000, 33434).build()).error(),
              DropReason::no_flow);
    EXPECT_EQ(about(PacketBuilder(f.client, f.host).raw(6, ByteVector(20)).build()).error(),
              DropReason::no_flow);
  }
}

TEST(FlowKey, NothingElseIsAFlow) {
  for (const Family& f : kFamilies) {
    SCOPED_TRACE(f.client);
    const PacketBuilder there(f.client, f.host);
    const PacketBuilder back(f.host, f.client);
    const auto of = [](PacketBuilder builder) { return builder; };
    EXPECT_EQ(request(of(there).echo_reply(7, 1).build()).error(), DropReason::not_echo_request);
    EXPECT_EQ(request(of(there).raw(6, ByteVector(20)).build()).error(),
              DropReason::other_protocol);
    EXPECT_EQ(request(of(there).udp(1, 2).break_udp_checksum().build()).error(),
              DropReason::bad_udp_checksum);
    EXPECT_EQ(request(of(there).udp(1, 2).fragment(0, true).build()).error(), DropReason::fragment);
    EXPECT_EQ(reply(of(back).echo_request(7, 1).build()).error(), DropReason::not_reply_or_error);
    EXPECT_EQ(reply(of(back).raw(6, ByteVector(20)).build()).error(), DropReason::other_protocol);
  }
}

TEST(FlowKey, PortsAndProtocolCount) {
  const Family& f = kFamilies[0];
  FlowKey as_echo = udp_key(f, 4000, 0);
  as_echo.protocol = Protocol::icmp;
  for (const FlowKey& other :
       {udp_key(f, 4001, 53), udp_key(f, 4000, 54), echo_key(f, 4000), as_echo}) {
    EXPECT_NE(udp_key(f, 4000, 53), other);
    EXPECT_NE(hash_of(udp_key(f, 4000, 53), 1), hash_of(other, 1));
  }
  EXPECT_EQ(as_echo, echo_key(f, 4000));
}

}  // namespace
}  // namespace oneping::edge
