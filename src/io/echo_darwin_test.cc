#include "io/echo_darwin.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

#include "io/echo_linux.h"
#include "io/echo_test_namespace.h"
#include "io/testing/echo_network.h"
#include "proxy/echo_proxy.h"

namespace oneping {
namespace {

using testing_support::Inbox;
using testing_support::kPatience;
using testing_support::name_of;
using testing_support::origin;
using testing_support::payload_number;
using testing_support::Router;
using testing_support::set_loopback_mtu;
using testing_support::set_ping_group_range;
using testing_support::Wire;

// A backend over raw sockets, and a poll loop in place of the event loop.
struct Backend {
  explicit Backend(std::uint16_t channels = 1)
      : echo({.channels = channels}, DarwinSockets::open_all(), *host, random) {}

  std::optional<DropReason> send(const EchoSlot& slot, const IpAddress& to, Bytes payload,
                                 std::optional<std::uint8_t> hop_limit = 64,
                                 std::uint8_t traffic_class = 0) {
    return echo.send(slot,
                     {.destination = to,
                      .hop_limit = hop_limit,
                      .traffic_class = traffic_class,
                      .payload = payload},
                     Time{});
  }

  // Until so many messages were ours in all, or patience ends.
  void wait_for(std::uint64_t answers, EchoReplies& to) {
    echo.flush(to, Time{});
    std::vector<pollfd> fds;
    for (const int fd : echo.descriptors()) fds.push_back({fd, POLLIN, 0});
    do {
      for (std::size_t i = 0; i < fds.size(); ++i) {
        while (echo.on_readable(i, to, Time{})) {
        }
      }
    } while (echo.receive_counters().forwarded() < answers &&
             poll(fds.data(), fds.size(), kPatience) > 0);
  }

  std::uint64_t answers() const { return echo.receive_counters().forwarded(); }

  SeededRandom random{7};
  Result<HostAddresses> host = HostAddresses::open();
  EchoDarwin echo;
};

class EchoDarwinTest : public testing::TestWithParam<EchoChannelKind> {
 protected:
  void SetUp() override {
    if (!testing_support::enter_new_network()) GTEST_SKIP() << "no namespaces here";
  }
  [[nodiscard]] static bool v4() { return family_of(GetParam()) == IpFamily::v4; }
};

TEST_P(EchoDarwinTest, TellsManyRequestsOfSeveralIdsApart) {
  constexpr std::uint32_t kChannels = 3;
  constexpr std::uint32_t kTotal = 30000;
  constexpr std::uint32_t kWindow = 500;
  Backend backend(kChannels);
  Inbox inbox;
  for (std::uint32_t n = 0; n < kTotal; ++n) {
    // The same sequence numbers with every id.
    const EchoSlot slot{GetParam(), static_cast<std::uint16_t>(n % kChannels),
                        static_cast<std::uint16_t>(n / kChannels)};
    ASSERT_EQ(backend.send(slot, origin(GetParam()), payload_number(n, 4)), std::nullopt);
    if (n % kWindow == kWindow - 1) backend.wait_for(n + 1, inbox);
  }
  backend.wait_for(kTotal, inbox);
  ASSERT_EQ(inbox.replies.size(), kTotal);
  std::vector<bool> seen(kTotal);
  for (const auto& reply : inbox.replies) {
    const std::uint32_t n = reply.slot.sequence * kChannels + reply.slot.channel;
    ASSERT_LT(n, kTotal);
    ASSERT_FALSE(seen[n]);
    seen[n] = true;
    ASSERT_EQ(reply.slot.kind, GetParam());
    ASSERT_EQ(reply.source, origin(GetParam()));
    ASSERT_EQ(reply.payload, payload_number(n, 4));
  }
  EXPECT_EQ(backend.echo.send_counters().forwarded(), kTotal);
}

TEST_P(EchoDarwinTest, PayloadsComeBackByteForByte) {
  Backend backend;
  Inbox inbox;
  const std::size_t sizes[] = {
      0, 1, 7, 56, 1232, 8000, 20000, 65000, max_echo_payload(family_of(GetParam()))};
  std::uint16_t sequence = 0;
  for (const std::size_t size : sizes) {
    ASSERT_EQ(
        backend.send({GetParam(), 0, sequence}, origin(GetParam()), payload_number(sequence, size)),
        std::nullopt);
    ++sequence;
    backend.wait_for(sequence, inbox);
  }
  ASSERT_EQ(inbox.replies.size(), sequence);
  for (const auto& reply : inbox.replies) {
    EXPECT_EQ(reply.payload, payload_number(reply.slot.sequence, sizes[reply.slot.sequence]));
  }
  const std::vector<std::uint8_t> larger(max_echo_payload(family_of(GetParam())) + 1);
  EXPECT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), larger), DropReason::too_big);
}

TEST_P(EchoDarwinTest, EachRequestHasItsOwnHopLimitAndTrafficClass) {
  struct Case {
    std::optional<std::uint8_t> hop_limit;
    std::uint8_t traffic_class;
    std::uint8_t expected;
  };
  Backend backend;
  for (const auto& [hop_limit, traffic_class, expected] :
       {Case{1, 0, 1}, Case{37, 0xb8, 37}, Case{std::nullopt, 0xb8, 64}, Case{255, 0xfc, 255}}) {
    Inbox inbox;
    Wire wire;
    ASSERT_EQ(backend.send({GetParam(), 0, 0x1234}, origin(GetParam()), payload_number(1, 20),
                           hop_limit, traffic_class),
              std::nullopt);
    backend.wait_for(backend.answers() + 1, inbox);
    const auto bytes = wire.next_echo_request();
    ASSERT_TRUE(bytes);
    const auto ip = IpView::parse(*bytes);
    EXPECT_EQ(ip->hop_limit(), expected);
    EXPECT_EQ(ip->traffic_class(), traffic_class);
    EXPECT_EQ(ip->dont_fragment(), GetParam() != EchoChannelKind::v4_may_fragment)
        << "IPv6 says so only of what is in pieces";
    ASSERT_EQ(inbox.replies.size(), 1u);
    EXPECT_EQ(inbox.replies[0].hop_limit, 64) << "the origin's own, not ours";
  }
}

TEST_P(EchoDarwinTest, OthersPingsBesideOursAreNotOurs) {
  ASSERT_TRUE(set_ping_group_range("0 0"));
  Backend backend;
  EchoLinux other({.channels = 1}, *backend.host, backend.random);
  Inbox inbox;
  for (std::uint16_t n = 0; n < 100; ++n) {
    const EchoSlot slot{GetParam(), 0, n};
    const auto payload = payload_number(n, 8);
    ASSERT_EQ(other.send(slot,
                         {.destination = origin(GetParam()),
                          .hop_limit = 64,
                          .traffic_class = 0,
                          .payload = payload},
                         Time{}),
              std::nullopt);
    ASSERT_EQ(backend.send(slot, origin(GetParam()), payload), std::nullopt);
  }
  Inbox nothing;
  other.flush(nothing, Time{});
  backend.wait_for(100, inbox);
  EXPECT_EQ(inbox.replies.size(), 100u);
  EXPECT_GE(backend.echo.receive_counters().dropped(DropReason::no_flow), 99u);
}

TEST_P(EchoDarwinTest, ErrorsAreToldAsTheRouterSaidThem) {
  Backend backend;
  Inbox inbox;
  Wire wire;
  const Router router(family_of(GetParam()));
  ASSERT_EQ(backend.send({GetParam(), 0, 0x1234}, origin(GetParam()), payload_number(5, 56)),
            std::nullopt);
  backend.wait_for(1, inbox);
  const auto packet = wire.next_echo_request().value();
  struct Case {
    std::uint8_t type, code;
    std::uint32_t rest, parameter;
  };
  // Among them what Linux' error queues never tell: 11/1, and to those who let routers fragment
  // 3/4.
  const std::vector<Case> v4_cases = {{11, 0, 0, 0},       {11, 1, 0, 0}, {3, 0, 0, 0},
                                      {3, 1, 0, 0},        {3, 13, 0, 0}, {3, 4, 1300, 1300},
                                      {12, 0, 8u << 24, 8}};
  const std::vector<Case> v6_cases = {{3, 0, 0, 0}, {3, 1, 0, 0},       {1, 0, 0, 0},
                                      {1, 1, 0, 0}, {2, 0, 1300, 1300}, {4, 1, 40, 40}};
  for (const Case& c : v4() ? v4_cases : v6_cases) {
    SCOPED_TRACE(testing::Message() << int{c.type} << "/" << int{c.code});
    // Every other one comes without its IP header.
    for (int form = 0; form < 2; ++form) {
      inbox.errors.clear();
      router.send(c.type, c.code, c.rest, packet);
      backend.wait_for(backend.answers() + 1, inbox);
      ASSERT_EQ(inbox.errors.size(), 1u);
      const auto& [slot, error, payload, extensions] = inbox.errors[0];
      EXPECT_EQ(slot, (EchoSlot{GetParam(), 0, 0x1234}));
      EXPECT_EQ(error.offender, router.address());
      EXPECT_EQ(error.destination, origin(GetParam()));
      EXPECT_EQ(error.type, c.type);
      EXPECT_EQ(error.code, c.code);
      EXPECT_EQ(error.parameter, c.parameter);
      EXPECT_EQ(error.hop_limit, 64);
      EXPECT_EQ(payload, payload_number(5, 56));
      EXPECT_TRUE(extensions.empty());
    }
  }
}

TEST_P(EchoDarwinTest, ABadRequestHurtsNoOther) {
  Backend backend;
  Inbox inbox;
  const IpAddress nowhere = *IpAddress::parse(v4() ? "192.0.2.1" : "2001:db8::1");
  for (std::uint16_t sequence = 0; sequence < 6; ++sequence) {
    const IpAddress to = sequence % 2 == 0 ? nowhere : origin(GetParam());
    ASSERT_EQ(backend.send({GetParam(), 0, sequence}, to, payload_number(1, 8)), std::nullopt);
  }
  EXPECT_EQ(backend.echo.send_counters().held(), 3u);
  backend.wait_for(3, inbox);
  EXPECT_EQ(inbox.replies.size(), 3u);
  EXPECT_EQ(backend.echo.send_counters().dropped(DropReason::no_route), 3u);
  EXPECT_EQ(backend.echo.send_counters().held(), 0u);
  ASSERT_EQ(inbox.failures.size(), 3u);
  EXPECT_EQ(inbox.failures[1].slot, (EchoSlot{GetParam(), 0, 2}));
  EXPECT_EQ(inbox.failures[1].failure.destination, nowhere);
  EXPECT_EQ(inbox.failures[1].payload, payload_number(1, 8));
}

// Of ICMPv6 Darwin's kernel sends in pieces what is too large for the way.
TEST_P(EchoDarwinTest, OnlyIpv4CanForbidPieces) {
  ASSERT_TRUE(set_loopback_mtu(1300));
  Backend backend;
  Inbox inbox;
  const bool is_refused = GetParam() == EchoChannelKind::v4_dont_fragment;
  ASSERT_EQ(backend.send({GetParam(), 0, 1}, origin(GetParam()), payload_number(1, 1400)),
            std::nullopt);
  backend.wait_for(is_refused ? 0 : 1, inbox);
  EXPECT_EQ(inbox.replies.size(), is_refused ? 0u : 1u);
  ASSERT_EQ(inbox.failures.size(), is_refused ? 1u : 0u);
  if (is_refused) EXPECT_EQ(inbox.failures[0].failure.mtu, 1300u);
}

// One socket serves both kinds of a family.
TEST_F(EchoDarwinTest, KindsTakeTurnsRequestByRequest) {
  using enum EchoChannelKind;
  Backend backend;
  Inbox inbox;
  for (std::uint16_t n = 0; n < 6; ++n) {
    Wire wire;  // sees each packet leave and arrive
    const auto kind = n % 2 == 0 ? v4_may_fragment : v4_dont_fragment;
    ASSERT_EQ(backend.send({kind, 0, n}, origin(kind), payload_number(n, 2000)), std::nullopt);
    const auto bytes = wire.next_echo_request();
    ASSERT_TRUE(bytes);
    EXPECT_EQ(IpView::parse(*bytes)->dont_fragment(), kind == v4_dont_fragment) << n;
  }
  backend.wait_for(6, inbox);
  EXPECT_EQ(inbox.replies.size(), 6u);
}

TEST_P(EchoDarwinTest, CarriesTheProxysEchoesOfManyClientsWithOneId) {
  struct Clients : EchoProxyEvents {
    void on_answer(Packet packet, std::uint8_t, Time) override {
      packets.push_back(std::move(packet));
    }
    bool on_undeliverable(const IpView&, DropReason, std::size_t, std::uint8_t, Time) override {
      return false;
    }
    std::vector<Packet> packets;
  };
  constexpr std::uint8_t kClients = 50;
  Backend backend;
  PacketPool pool;
  Clients clients;
  const IpAddress to = origin(GetParam());
  EchoProxy proxy({.allow_destinations = {Prefix(to, to.is_v4() ? 32 : 128)}}, backend.echo, pool,
                  clients, backend.random);
  for (std::uint8_t n = 1; n <= kClients; ++n) {
    const auto client = *IpAddress::parse((v4() ? "100.96.0." : "fd00:96::") + std::to_string(n));
    const auto packet =
        make_echo(pool, EchoType::request,
                  {.source = client,
                   .destination = to,
                   .dont_fragment = GetParam() == EchoChannelKind::v4_dont_fragment},
                  {.id = 0xabcd, .sequence = 3}, payload_number(n, 56));
    const auto ip = IpView::parse(packet->bytes());
    ASSERT_EQ(proxy.request(*ip, *IcmpView::parse(*ip), 0, Time{}), std::nullopt);
  }
  backend.wait_for(kClients, proxy);
  ASSERT_EQ(clients.packets.size(), kClients);
  for (std::uint8_t n = 1; n <= kClients; ++n) {
    const auto reply = IpView::parse(clients.packets[n - 1u].bytes());
    EXPECT_EQ(reply->source(), to);
    EXPECT_EQ(reply->destination(),
              *IpAddress::parse((v4() ? "100.96.0." : "fd00:96::") + std::to_string(n)));
    const auto icmp = IcmpView::parse(*reply);
    EXPECT_EQ(icmp->id, 0xabcd);
    EXPECT_EQ(icmp->sequence, 3);
    EXPECT_EQ(std::vector(icmp->payload.begin(), icmp->payload.end()), payload_number(n, 56));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EchoDarwinTest,
                         testing::Values(EchoChannelKind::v4_dont_fragment,
                                         EchoChannelKind::v4_may_fragment,
                                         EchoChannelKind::v6_dont_fragment,
                                         EchoChannelKind::v6_may_fragment),
                         [](const auto& kind) { return name_of(kind.param); });

}  // namespace
}  // namespace oneping
