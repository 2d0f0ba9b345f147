// What passes between host and edge, and what does not, packet by packet.
#include "device/packet_path.h"

#include <gtest/gtest.h>

#include "device/testing/fake_link.h"

namespace oneping::device {
namespace {

using namespace testing;

class PacketPathTest : public ::testing::TestWithParam<HostKind> {
 protected:
  PacketPathTest() {
    path.set_terms({*Prefix::parse("100.96.0.1"), *Prefix::parse("fd00::1")},
                   {*Prefix::parse("172.16.10.0/24"), *Prefix::parse("fd10::/64")});
    path.set_edge(&edge);
  }
  ~PacketPathTest() override {
    EXPECT_EQ(path.to_edge().packets.held(), 0u);
    EXPECT_EQ(path.from_edge().packets.held(), 0u);
  }
  Packet echo(const char* from, const char* to, std::size_t data = 56,
              std::uint8_t hop_limit = 64) {
    IpHeader header{.source = *IpAddress::parse(from),
                    .destination = *IpAddress::parse(to),
                    .hop_limit = hop_limit};
    auto packet = make_echo(pool, EchoType::request, header, {7, 1}, Octets(data));
    EXPECT_TRUE(packet);
    return std::move(*packet);
  }
  Octets copy_of(const Packet& packet) { return {packet.bytes().begin(), packet.bytes().end()}; }

  // The one answer that the host got; its type and code, its source, and the MTU that it tells.
  struct Answer {
    int type;
    int code;
    std::string from;
    std::uint32_t mtu;
    Octets quoted;
  };
  Answer answer() {
    EXPECT_EQ(host.sent.size(), 1u);
    const Octets bytes = host.sent.empty() ? Octets{} : host.sent.back();
    host.sent.clear();
    const auto ip = IpView::parse(bytes);
    if (!ip) return {};
    const auto icmp = IcmpView::parse(*ip);  // its checksum is right
    if (!icmp) return {};
    const std::uint32_t mtu =
        ip->is_v4() ? icmp->sequence : std::uint32_t{icmp->id} << 16 | icmp->sequence;
    return {icmp->type,
            icmp->code,
            ip->source().to_string(),
            mtu,
            {icmp->payload.begin(), icmp->payload.end()}};
  }
  // From where our own errors about a packet to `destination` are to come.
  static std::string own_error_source(const std::string& destination) {
    if (destination.find(':') != std::string::npos) return "fd00::1";
    return GetParam() == HostKind::kernel ? destination : "100.96.0.1";
  }

  PacketPool pool;
  FakeLink host;
  FakeLink edge;
  PacketPath path{GetParam(), host, pool};
  Time now{};
};

INSTANTIATE_TEST_SUITE_P(Hosts, PacketPathTest,
                         ::testing::Values(HostKind::kernel, HostKind::userspace),
                         [](const auto& of) {
                           return of.param == HostKind::kernel ? "Kernel" : "Userspace";
                         });

// A host does not lower hop limits (RFC 9484, 4.4): not even 1 is too low.
TEST_P(PacketPathTest, WhatIsOursPassesAsItIs) {
  for (const int hop_limit : {1, 2, 64, 255}) {
    for (const auto& [from, to] :
         {std::pair{"100.96.0.1", "172.16.10.120"}, std::pair{"fd00::1", "fd10::120"}}) {
      Packet packet = echo(from, to, 56, static_cast<std::uint8_t>(hop_limit));
      const Octets bytes = copy_of(packet);
      path.on_host_packet(std::move(packet), now);
      EXPECT_EQ(edge.sent, std::vector<Octets>{bytes});
      edge.sent.clear();
    }
  }
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(path.to_edge().packets.forwarded(), 8u);
  EXPECT_EQ(path.to_edge().bytes_received, 4u * (84 + 104));
  EXPECT_EQ(path.to_edge().bytes_forwarded, 4u * (84 + 104));
}

TEST_P(PacketPathTest, BytesBehindThePacketAreCutOff) {
  Packet packet = echo("100.96.0.1", "172.16.10.120");
  const Octets bytes = copy_of(packet);
  std::fill_n(packet.append(6), 6, std::uint8_t{0xee});
  path.on_host_packet(std::move(packet), now);
  EXPECT_EQ(edge.sent, std::vector<Octets>{bytes});
}

TEST_P(PacketPathTest, WhatDoesNotPassIsAnsweredAndCounted) {
  struct Case {
    const char* name;
    const char* from;
    const char* to;
    DropReason why;
    int type;
    int code;
  };
  using enum DropReason;
  const Case cases[] = {
      {"somebody else's source", "192.0.2.10", "172.16.10.120", source_refused, 3, 13},
      {"somebody else's source, IPv6", "fd00::2", "fd10::120", source_refused, 1, 5},
      {"a link-local source", "169.254.0.1", "172.16.10.120", source_refused, 3, 13},
      {"no route", "100.96.0.1", "172.16.11.1", no_route, 3, 0},
      {"no route, IPv6", "fd00::1", "fd11::1", no_route, 1, 0},
      {"our own address", "100.96.0.1", "100.96.0.1", no_route, 3, 0},
      {"link-local", "100.96.0.1", "169.254.169.254", destination_refused, 3, 13},
      {"link-local, IPv6", "fd00::1", "fe80::1", destination_refused, 1, 1},
  };
  // Even where a route leads.
  path.set_terms({*Prefix::parse("100.96.0.1"), *Prefix::parse("fd00::1")},
                 {*Prefix::parse("172.16.10.0/24"), *Prefix::parse("fd10::/64"),
                  *Prefix::parse("169.254.0.0/16"), *Prefix::parse("fe80::/10")});
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const std::uint64_t before = path.to_edge().packets.answered(each.why);
    Packet packet = echo(each.from, each.to);
    const Octets bytes = copy_of(packet);
    path.on_host_packet(std::move(packet), now);
    const Answer told = answer();
    EXPECT_EQ(told.type, each.type);
    EXPECT_EQ(told.code, each.code);
    EXPECT_EQ(told.from, own_error_source(each.to));
    EXPECT_EQ(told.quoted, bytes) << "as it came";
    EXPECT_EQ(path.to_edge().packets.answered(each.why), before + 1);
  }
  EXPECT_TRUE(edge.sent.empty());
}

// What a kernel sends by itself on a new interface, and other things without a single sender.
TEST_P(PacketPathTest, SomeAreDroppedWithoutAWord) {
  path.on_host_packet(echo("fe80::1", "ff02::2"), now);
  path.on_host_packet(echo("100.96.0.1", "224.0.0.22"), now);
  path.on_host_packet(echo("100.96.0.1", "255.255.255.255"), now);
  path.on_host_packet(echo("0.0.0.0", "172.16.10.120"), now);
  path.on_host_packet(echo("::", "fd10::120"), now);
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::destination_refused), 3u);
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::source_refused), 2u);
  auto garbage = pool.copy(Octets{0x45, 0, 0});
  path.on_host_packet(std::move(*garbage), now);
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::truncated), 1u);
  EXPECT_TRUE(host.sent.empty());
  EXPECT_TRUE(edge.sent.empty());
}

TEST_P(PacketPathTest, NoErrorAboutAnError) {
  auto about = echo("172.16.10.120", "100.96.0.1");
  auto error = make_icmp_error(pool, *IpView::parse(about.bytes()), *IpAddress::parse("100.96.0.1"),
                               IcmpErrorCause::host_unreachable);
  path.set_edge(nullptr);
  path.on_host_packet(std::move(*error), now);
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::no_connection), 1u);
}

TEST_P(PacketPathTest, EverySizePassesOrIsAnsweredWithTheMtu) {
  for (const std::size_t mtu : {1280u, 1400u}) {
    edge.mtu = mtu;
    for (std::size_t size = 1200; size <= 1500; ++size) {
      SCOPED_TRACE(size);
      path.on_host_packet(echo("100.96.0.1", "172.16.10.120", size - 28), now);
      path.on_host_packet(echo("fd00::1", "fd10::120", size - 48), now);
      if (size <= mtu) {
        EXPECT_EQ(edge.sent.size(), 2u);
        EXPECT_TRUE(host.sent.empty());
      } else {
        EXPECT_TRUE(edge.sent.empty());
        ASSERT_EQ(host.sent.size(), 2u);
        const Octets v4 = host.sent.front();
        host.sent.erase(host.sent.begin());
        Answer told = answer();
        EXPECT_EQ(told.type, 2);
        EXPECT_EQ(told.mtu, mtu);
        EXPECT_EQ(told.from, "fd00::1");
        host.sent = {v4};
        told = answer();
        EXPECT_EQ(told.type, 3);
        EXPECT_EQ(told.code, 4);
        EXPECT_EQ(told.mtu, mtu);
        EXPECT_EQ(told.from, own_error_source("172.16.10.120"));
      }
      edge.sent.clear();
      now += 10ms;  // the limit of errors is another test's
    }
  }
  const StageCounters& counted = path.to_edge().packets;
  EXPECT_EQ(counted.answered(DropReason::too_big), 2u * (220 + 100));
  EXPECT_EQ(counted.forwarded() + counted.answered(), 2u * 2 * 301);
}

TEST_P(PacketPathTest, WithoutASessionTheHostIsUnreachable) {
  path.set_edge(nullptr);
  path.on_host_packet(echo("100.96.0.1", "172.16.10.120"), now);
  Answer told = answer();
  EXPECT_EQ(told.type, 3);
  EXPECT_EQ(told.code, 1);
  path.on_host_packet(echo("fd00::1", "fd10::120"), now);
  told = answer();
  EXPECT_EQ(told.type, 1);
  EXPECT_EQ(told.code, 3);
  EXPECT_EQ(path.to_edge().packets.answered(DropReason::no_connection), 2u);
}

TEST_P(PacketPathTest, ErrorsAreLimited) {
  path.set_edge(nullptr);
  for (int i = 0; i < 1500; ++i) path.on_host_packet(echo("100.96.0.1", "172.16.10.120"), now);
  EXPECT_EQ(host.sent.size(), 1000u);
  EXPECT_EQ(path.to_edge().packets.answered(DropReason::no_connection), 1000u);
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::no_connection), 500u);
  now += 100ms;
  for (int i = 0; i < 200; ++i) path.on_host_packet(echo("100.96.0.1", "172.16.10.120"), now);
  EXPECT_EQ(host.sent.size(), 1100u);
}

TEST_P(PacketPathTest, WhatTheLinkRefusesIsCounted) {
  edge.refuses = DropReason::link_down;
  path.on_host_packet(echo("100.96.0.1", "172.16.10.120"), now);
  EXPECT_EQ(path.to_edge().packets.dropped(DropReason::link_down), 1u);
  host.refuses = DropReason::send_failed;
  path.on_edge_packet(echo("172.16.10.120", "100.96.0.1").bytes(), now);
  EXPECT_EQ(path.from_edge().packets.dropped(DropReason::send_failed), 1u);
}

TEST_P(PacketPathTest, FromTheEdgeComesOnlyWhatIsForUs) {
  struct Case {
    const char* name;
    const char* from;
    const char* to;
    std::optional<DropReason> why;
  };
  using enum DropReason;
  const Case cases[] = {
      {"for us", "172.16.10.120", "100.96.0.1", std::nullopt},
      {"for us, IPv6", "fd10::120", "fd00::1", std::nullopt},
      {"from a router outside the routes", "172.68.101.57", "100.96.0.1", std::nullopt},
      {"for another device", "172.16.10.120", "100.96.0.2", destination_refused},
      {"for another address of this host", "172.16.10.120", "192.0.2.10", destination_refused},
      {"for the link", "fd10::120", "ff02::1", destination_refused},
      {"from our own address", "100.96.0.1", "100.96.0.1", source_refused},
      {"from the host itself", "127.0.0.1", "100.96.0.1", source_refused},
      {"from nobody", "::", "fd00::1", source_refused},
      {"from a link", "fe80::1", "fd00::1", source_refused},
      {"from many", "224.0.0.1", "100.96.0.1", source_refused},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const Packet packet = echo(each.from, each.to, 56, 1);
    const std::uint64_t forwarded = path.from_edge().packets.forwarded();
    const std::uint64_t dropped = each.why ? path.from_edge().packets.dropped(*each.why) : 0;
    path.on_edge_packet(packet.bytes(), now);
    if (each.why) {
      EXPECT_EQ(path.from_edge().packets.dropped(*each.why), dropped + 1);
      EXPECT_TRUE(host.sent.empty());
    } else {
      EXPECT_EQ(path.from_edge().packets.forwarded(), forwarded + 1);
      EXPECT_EQ(host.sent, std::vector<Octets>{copy_of(packet)});
    }
    host.sent.clear();
  }
  EXPECT_TRUE(edge.sent.empty()) << "nothing is answered";
  path.on_edge_packet(Octets{0x60}, now);
  EXPECT_EQ(path.from_edge().packets.dropped(DropReason::truncated), 1u);
  path.count_lost(DropReason::malformed_datagram);
  EXPECT_EQ(path.from_edge().packets.dropped(DropReason::malformed_datagram), 1u);
}

TEST_P(PacketPathTest, NewTermsCountAtOnce) {
  path.set_terms({*Prefix::parse("100.96.0.9")}, {*Prefix::parse("10.0.0.0/8")});
  path.on_host_packet(echo("100.96.0.1", "172.16.10.120"), now);
  path.on_host_packet(echo("100.96.0.9", "172.16.10.120"), now);
  path.on_host_packet(echo("100.96.0.9", "10.1.2.3"), now);
  EXPECT_EQ(path.to_edge().packets.answered(DropReason::source_refused), 1u);
  EXPECT_EQ(path.to_edge().packets.answered(DropReason::no_route), 1u);
  EXPECT_EQ(path.to_edge().packets.forwarded(), 1u);
  path.on_edge_packet(echo("10.1.2.3", "100.96.0.1").bytes(), now);
  EXPECT_EQ(path.from_edge().packets.dropped(DropReason::destination_refused), 1u);
}

}  // namespace
}  // namespace oneping::device
