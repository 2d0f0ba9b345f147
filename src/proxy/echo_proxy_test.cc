#include "proxy/echo_proxy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "proxy/testing/echo_world.h"

namespace oneping {
namespace {

using std::chrono::seconds;
using testing_support::address;
using testing_support::Echo;
using testing_support::FakeNetwork;
using testing_support::kEchoV4;
using testing_support::kEchoV6;
using testing_support::payload_of;
using testing_support::World;

struct Family {
  const char* name;
  Echo echo;
  EchoChannelKind kind;
  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

class EchoProxyBothFamilies : public testing::TestWithParam<Family> {};

TEST_P(EchoProxyBothFamilies, CarriesARequestAndItsReply) {
  const auto& [name, echo, kind] = GetParam();
  World world;
  ASSERT_EQ(world.request(echo), std::nullopt);
  ASSERT_EQ(world.network.sent.size(), 1u);
  const auto& sent = world.network.sent[0];
  EXPECT_EQ(sent.slot.kind, kind);
  EXPECT_EQ(sent.destination, echo.destination);
  EXPECT_EQ(sent.hop_limit, echo.hop_limit);
  EXPECT_EQ(sent.traffic_class, echo.traffic_class);
  EXPECT_EQ(sent.payload, payload_of(echo.payload));
  EXPECT_EQ(world.proxy.outstanding(), 1u);

  world.reply_to(sent);
  ASSERT_EQ(world.replies.size(), 1u);
  EXPECT_EQ(world.replies[0].tag, echo.tag);
  const auto ip = IpView::parse(world.replies[0].packet.bytes());
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source(), echo.destination);
  EXPECT_EQ(ip->destination(), echo.client);
  EXPECT_EQ(ip->hop_limit(), 57);
  EXPECT_EQ(ip->traffic_class(), 0x20);
  const auto icmp = IcmpView::parse(*ip);
  ASSERT_TRUE(icmp);
  EXPECT_EQ(icmp->kind, IcmpKind::echo_reply);
  EXPECT_EQ(icmp->id, echo.identity.id);
  EXPECT_EQ(icmp->sequence, echo.identity.sequence);
  EXPECT_TRUE(std::equal(icmp->payload.begin(), icmp->payload.end(), sent.payload.begin(),
                         sent.payload.end()));
  EXPECT_EQ(world.proxy.outstanding(), 0u);
}

TEST_P(EchoProxyBothFamilies, PassesOnDuplicates) {
  World world;
  ASSERT_EQ(world.request(GetParam().echo), std::nullopt);
  world.reply_to(world.network.sent[0]);
  world.reply_to(world.network.sent[0]);
  EXPECT_EQ(world.replies.size(), 2u);
  EXPECT_EQ(world.proxy.duplicates(), 1u);
}

TEST_P(EchoProxyBothFamilies, NeverPassesOnWhatTheOriginDidNotSay) {
  const Echo& echo = GetParam().echo;
  World world;
  ASSERT_EQ(world.request(echo), std::nullopt);
  const auto sent = world.network.sent[0];
  const IpAddress stranger = address(echo.client.is_v4() ? "172.16.10.121" : "fd00:10::121");
  const auto drops = [&](DropReason why) { return world.proxy.reply_counters().dropped(why); };

  world.reply(sent.slot, stranger, sent.payload);
  EXPECT_EQ(drops(DropReason::reply_mismatch), 1u) << "another source";
  world.reply(sent.slot, sent.destination, payload_of("abcdefgx"));
  EXPECT_EQ(drops(DropReason::reply_mismatch), 2u) << "another payload";
  world.reply(sent.slot, sent.destination, payload_of("abcdefg"));
  EXPECT_EQ(drops(DropReason::reply_mismatch), 3u) << "shorter";
  world.reply(sent.slot, sent.destination, {});
  EXPECT_EQ(drops(DropReason::reply_mismatch), 4u) << "empty";
  EchoSlot unused = sent.slot;
  ++unused.sequence;
  world.reply(unused, sent.destination, sent.payload);
  EXPECT_EQ(drops(DropReason::no_flow), 1u) << "never asked";
  EXPECT_TRUE(world.replies.empty());

  world.reply_to(sent);
  EXPECT_EQ(world.replies.size(), 1u) << "lies do not hurt the truth";
}

TEST_P(EchoProxyBothFamilies, AReplyWithinTheTimeoutIsLateNotLost) {
  World world;
  ASSERT_EQ(world.request(GetParam().echo), std::nullopt);
  EXPECT_EQ(world.proxy.next_deadline(), world.now + seconds(60));
  world.now += seconds(59);
  world.proxy.on_time(world.now);
  world.reply_to(world.network.sent[0]);
  EXPECT_EQ(world.replies.size(), 1u);
}

TEST_P(EchoProxyBothFamilies, AnExpiredRequestIsForgotten) {
  World world;
  ASSERT_EQ(world.request(GetParam().echo), std::nullopt);
  world.now += seconds(60);
  world.proxy.on_time(world.now);
  EXPECT_EQ(world.proxy.expired(), 1u);
  EXPECT_EQ(world.proxy.outstanding(), 0u);
  world.reply_to(world.network.sent[0]);
  EXPECT_EQ(world.proxy.reply_counters().dropped(DropReason::no_flow), 1u);
  EXPECT_EQ(world.proxy.next_deadline(), kNever);
}

TEST_P(EchoProxyBothFamilies, FullTableRefusesThenEvictsTheOldest) {
  const Echo& echo = GetParam().echo;
  World world;
  for (std::size_t i = 0; i < kSequencesPerChannel; ++i)
    ASSERT_EQ(world.request(echo), std::nullopt);
  EXPECT_EQ(world.request(echo), DropReason::flow_table_full);
  world.now += seconds(1);
  EXPECT_EQ(world.request(echo), std::nullopt);
  EXPECT_EQ(world.proxy.evicted(), 1u);
  EXPECT_EQ(world.proxy.outstanding(), kSequencesPerChannel);
}

TEST_P(EchoProxyBothFamilies, WithoutAChannelItIsUnavailable) {
  FakeNetwork closed;
  closed.channel_counts = {0, 0, 0, 0};
  World world({}, closed);
  EXPECT_EQ(world.request(GetParam().echo), DropReason::icmp_unavailable);
}

TEST_P(EchoProxyBothFamilies, TheBackendsRefusalLeavesNothingBehind) {
  FakeNetwork refusing;
  refusing.refuse_with = DropReason::too_big;
  World world({}, refusing);
  EXPECT_EQ(world.request(GetParam().echo), DropReason::too_big);
  EXPECT_EQ(world.proxy.outstanding(), 0u);
  EXPECT_EQ(world.proxy.request_counters().dropped(DropReason::too_big), 1u);
}

TEST_P(EchoProxyBothFamilies, NoBufferDropsTheReply) {
  World world({}, {}, {.max_packets = 1});
  ASSERT_EQ(world.request(GetParam().echo), std::nullopt);
  const auto held = world.pool.allocate(1);
  world.reply_to(world.network.sent[0]);
  EXPECT_EQ(world.proxy.reply_counters().dropped(DropReason::no_buffer), 1u);
}

TEST_P(EchoProxyBothFamilies, OnlyEchoRequestsWithHopsLeftGoOut) {
  Echo echo = GetParam().echo;
  World world;
  EXPECT_EQ(world.request(echo, EchoType::reply), DropReason::not_echo_request);
  echo.hop_limit = 0;
  EXPECT_EQ(world.request(echo), DropReason::hop_limit_exceeded);
}

INSTANTIATE_TEST_SUITE_P(Families, EchoProxyBothFamilies,
                         testing::Values(Family{"v4", kEchoV4, EchoChannelKind::v4_dont_fragment},
                                         Family{"v6", kEchoV6, EchoChannelKind::v6_dont_fragment}),
                         [](const auto& family) { return family.param.name; });

TEST(EchoProxy, WithoutDontFragmentTheOtherChannelIsUsed) {
  World world;
  Echo echo = kEchoV4;
  echo.dont_fragment = false;
  ASSERT_EQ(world.request(echo), std::nullopt);
  EXPECT_EQ(world.network.sent[0].slot.kind, EchoChannelKind::v4_may_fragment);
}

TEST(EchoProxy, ARequestWithAnotherCodeIsNoEchoRequest) {
  World world;
  const auto packet =
      make_echo(world.pool, EchoType::request,
                {.source = kEchoV4.client, .destination = kEchoV4.destination}, {}, {});
  const auto ip = IpView::parse(packet->bytes());
  auto icmp = *IcmpView::parse(*ip);
  icmp.code = 1;
  EXPECT_EQ(world.proxy.request(*ip, icmp, 0, world.now), DropReason::not_echo_request);
}

TEST(EchoProxy, RepliesMayBeFragmentedAndHaveTheirOwnIdentification) {
  World world;
  std::set<std::uint16_t> identifications;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(world.request(kEchoV4), std::nullopt);
    world.reply_to(world.network.sent.back());
    const Packet& reply = world.replies.back().packet;
    EXPECT_FALSE(IpView::parse(reply.bytes())->dont_fragment());
    identifications.insert(load_be16(reply.data() + 4));
  }
  EXPECT_EQ(identifications.size(), 3u);
}

TEST(EchoProxy, AReplyThatNoBufferHoldsIsTooBig) {
  World world({}, {}, {.max_packet_size = 64});
  Echo echo = kEchoV4;
  echo.payload = "0123456789012345678901234567890123456";  // 65 bytes with its headers
  EchoProxy& proxy = world.proxy;
  PacketPool larger;
  const auto payload = payload_of(echo.payload);
  const auto packet =
      make_echo(larger, EchoType::request, {.source = echo.client, .destination = echo.destination},
                echo.identity, payload);
  const auto ip = IpView::parse(packet->bytes());
  ASSERT_EQ(proxy.request(*ip, *IcmpView::parse(*ip), 0, world.now), std::nullopt);
  world.reply_to(world.network.sent[0]);
  EXPECT_EQ(proxy.reply_counters().dropped(DropReason::too_big), 1u);
}

TEST(EchoProxy, RefusesDestinations) {
  struct Case {
    const char* name;
    const char* destination;
    std::optional<DropReason> expected;
  };
  const auto refused = DropReason::destination_refused;
  const Case cases[] = {
      {"an ordinary host", "172.16.10.120", std::nullopt},
      {"loopback", "127.0.0.1", refused},
      {"unspecified", "0.0.0.0", refused},
      {"multicast", "224.0.0.1", refused},
      {"broadcast", "255.255.255.255", refused},
      {"link-local", "169.254.3.4", refused},
      {"metadata", "169.254.169.254", refused},
      {"this host", "172.16.10.100", std::nullopt},
      {"the network's broadcast", "172.16.10.255", refused},
      {"loopback allowed by name", "127.0.0.2", std::nullopt},
      {"a broadcast allowed by name", "172.17.10.255", std::nullopt},
      {"an ordinary host", "fd00:10::120", std::nullopt},
      {"loopback", "::1", refused},
      {"unspecified", "::", refused},
      {"multicast", "ff02::1", refused},
      {"link-local", "fe80::1", refused},
      {"metadata", "fd00:ec2::254", refused},
      {"this host", "fd00:10::100", std::nullopt},
  };
  FakeNetwork network;
  network.own = {address("172.16.10.100"), address("fd00:10::100")};
  network.broadcasts = {address("172.16.10.255"), address("172.17.10.255")};
  World world(
      {.allow_destinations = {*Prefix::parse("127.0.0.2"), *Prefix::parse("172.17.10.255")}},
      network);
  for (const auto& [name, destination, expected] : cases) {
    Echo echo = address(destination).is_v4() ? kEchoV4 : kEchoV6;
    echo.destination = address(destination);
    EXPECT_EQ(world.request(echo), expected) << name << ": " << destination;
  }
}

TEST(EchoProxy, RefusesSourcesThatCannotBeAnswered) {
  World world;
  for (const char* source : {"127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0"}) {
    Echo echo = kEchoV4;
    echo.client = address(source);
    EXPECT_EQ(world.request(echo), DropReason::source_refused) << source;
  }
}

// Clients that share ids, sequences and destinations; replies in any order, twice, or forged.
// The sum that the wire's checksum is made of, without what all requests have in common.
std::uint32_t sum_on_the_wire(const FakeNetwork::Sent& sent) {
  std::uint32_t sum = std::uint32_t{sent.slot.channel} + sent.slot.sequence;
  for (std::size_t i = 0; i < sent.payload.size(); i += 2) {
    sum += static_cast<std::uint32_t>(sent.payload[i] << 8 | sent.payload[i + 1]);
  }
  return sum % 0xffff;
}

// A client that keeps its checksum constant, as Paris traceroute does: what the sequence number
// adds, two bytes of the payload take away.
TEST(EchoProxyProperty, AConstantChecksumStaysConstantOnTheWire) {
  EXPECT_TRUE(rc::check("one id and one checksum, for whatever sequence numbers", [] {
    World world;
    Echo echo = *rc::gen::element(kEchoV4, kEchoV6);
    echo.identity.id = *rc::gen::arbitrary<std::uint16_t>();
    const auto sequences =
        *rc::gen::unique<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 0xffff));
    std::set<std::uint16_t> channels;
    std::set<std::uint32_t> sums;
    for (const std::uint16_t sequence : sequences) {
      echo.identity.sequence = sequence;
      const int balance = 0xffff - sequence;
      const char payload[] = {'o', 'p', static_cast<char>(balance >> 8),
                              static_cast<char>(balance)};
      echo.payload = {payload, sizeof(payload)};
      RC_ASSERT(world.request(echo) == std::nullopt);
      channels.insert(world.network.sent.back().slot.channel);
      sums.insert(sum_on_the_wire(world.network.sent.back()));
    }
    RC_ASSERT(channels.size() <= 1u);
    RC_ASSERT(sums.size() <= 1u);
  }));
}

// Whatever else goes through: clients that begin at any number each keep their own distance.
TEST(EchoProxyProperty, EachClientsSequenceNumbersKeepTheirDistance) {
  EXPECT_TRUE(rc::check("the difference of two requests is that on the wire", [] {
    World world;
    struct Client {
      Echo echo;
      std::set<std::uint32_t> distances;
    };
    std::vector<Client> clients(*rc::gen::inRange<std::size_t>(1, 5));
    for (Client& client : clients) {
      client.echo = *rc::gen::element(kEchoV4, kEchoV6);
      client.echo.identity = {*rc::gen::arbitrary<std::uint16_t>(),
                              *rc::gen::arbitrary<std::uint16_t>()};
    }
    for (int round = 0; round < 100; ++round) {
      for (Client& client : clients) {
        RC_ASSERT(world.request(client.echo) == std::nullopt);
        const auto& sent = world.network.sent.back();
        const std::uint32_t distance =
            (sent.slot.sequence + 0xffffu - client.echo.identity.sequence % 0xffffu) % 0xffffu;
        client.distances.insert(distance);
        ++client.echo.identity.sequence;
        world.reply_to(world.network.sent.back());
      }
      world.now += seconds(1);
    }
    // Two flows may lie upon each other: then one of them has to give way.
    std::size_t steady = 0;
    for (const Client& client : clients) steady += client.distances.size() == 1 ? 1 : 0;
    RC_ASSERT(steady + 1 >= clients.size());
  }));
}

TEST(EchoProxyProperty, AReplyGoesToItsOwnClientOnly) {
  EXPECT_TRUE(rc::check("every delivered reply answers a request of that client", [] {
    World world;
    struct Asked {
      IpAddress client;
      std::uint8_t tag;
      EchoIdentity identity;
    };
    std::map<std::string, Asked> asked;  // by payload, which is unique
    const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint16_t>>>(
        rc::gen::arbitrary<std::pair<std::uint8_t, std::uint16_t>>());
    for (const auto& [step, pick] : steps) {
      const auto& sent = world.network.sent;
      if (step % 3 == 0 || sent.empty()) {
        Echo echo = pick % 2 == 0 ? kEchoV4 : kEchoV6;
        auto client = echo.client.bytes();
        client[15] = static_cast<std::uint8_t>(1 + pick % 5);
        echo.client = IpAddress::from_v6(client.data());
        echo.identity = {.id = 1, .sequence = static_cast<std::uint16_t>(pick % 3)};
        echo.tag = static_cast<std::uint8_t>(pick);
        const std::string payload = std::to_string(asked.size());
        echo.payload = payload;
        RC_ASSERT(world.request(echo) == std::nullopt);
        asked[payload] = {echo.client, echo.tag, echo.identity};
      } else if (step % 3 == 1) {
        world.reply_to(sent[pick % sent.size()]);
      } else {  // what somebody else got, on this slot
        const auto& victim = sent[pick % sent.size()];
        const auto& other = sent[(pick / 7) % sent.size()];
        world.reply(victim.slot, other.destination, other.payload);
      }
    }
    for (const auto& [packet, tag] : world.replies) {
      const auto ip = IpView::parse(packet.bytes());
      const auto icmp = IcmpView::parse(*ip);
      const auto found = asked.find({icmp->payload.begin(), icmp->payload.end()});
      RC_ASSERT(found != asked.end());
      RC_ASSERT(found->second.client == ip->destination());
      RC_ASSERT(found->second.tag == tag);
      RC_ASSERT(found->second.identity == (EchoIdentity{icmp->id, icmp->sequence}));
    }
  }));
}

}  // namespace
}  // namespace oneping
