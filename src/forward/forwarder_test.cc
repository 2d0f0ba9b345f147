#include "forward/forwarder.h"

#include <gtest/gtest.h>

#include "test/support/fake_link.h"
#include "wire/icmp.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;
using test::FakeLink;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

struct FixedRouter final : Router {
  tl::expected<Link*, DropReason> next_hop(const IpView&, Time) override { return decision; }
  bool is_here(const IpView& packet) const override { return packet.destination() == here; }
  std::optional<IpAddress> here;
  tl::expected<Link*, DropReason> decision;
};

struct Family {
  const char* name;
  IpAddress client, origin, hop;
  std::uint8_t exceeded, unreachable, too_big_type;
};

const Family kFamilies[] = {
    {"IPv4", address("100.96.0.1"), address("172.16.10.120"), address("172.68.101.57"), 11, 3, 3},
    {"IPv6", address("fd00::1"), address("fd10::120"), address("fd68::57"), 3, 1, 2},
};

class ForwarderTest : public testing::TestWithParam<Family> {
 protected:
  Packet echo(std::uint8_t hop_limit, std::size_t payload = 56) {
    const std::vector<std::uint8_t> data(payload, 0x5a);
    const IpHeader header{.source = GetParam().client,
                          .destination = GetParam().origin,
                          .hop_limit = hop_limit,
                          .dont_fragment = true};
    return make_echo(pool, EchoType::request, header, {7, 1}, data).value();
  }
  void forward(Packet packet) { forwarder.forward(std::move(packet), router, &back, now); }
  IcmpView error() {
    EXPECT_EQ(back.sent.size(), 1u);
    const auto ip = IpView::parse(back.sent.at(0).bytes()).value();
    EXPECT_EQ(ip.source(), GetParam().hop);
    EXPECT_EQ(ip.destination(), GetParam().client);
    return IcmpView::parse(ip).value();
  }
  const StageCounters& counters() const { return router.traffic().packets; }
  void expect_counted_once() {
    const auto& c = counters();
    EXPECT_EQ(c.in(), c.forwarded() + c.answered() + c.dropped());
  }

  PacketPool pool;
  SeededRandom random{1};
  FakeLink next, back;
  FixedRouter router;
  Forwarder::Options options;
  Forwarder forwarder{options,
                      [](const IpView& p) {
                        return std::optional(p.is_v4() ? kFamilies[0].hop : kFamilies[1].hop);
                      },
                      pool, random};
  Time now{1s};
};

INSTANTIATE_TEST_SUITE_P(Families, ForwarderTest, testing::ValuesIn(kFamilies),
                         [](const auto& p) { return p.param.name; });

TEST_P(ForwarderTest, SendsOnWithTheHopLimitLowered) {
  router.decision = &next;
  forward(echo(64));
  ASSERT_EQ(next.sent.size(), 1u);
  const auto ip = IpView::parse(next.sent[0].bytes()).value();  // checks the header checksum
  EXPECT_EQ(ip.hop_limit(), 63);
  EXPECT_TRUE(IcmpView::parse(ip));
  EXPECT_EQ(counters().forwarded(), 1u);
  EXPECT_TRUE(back.sent.empty());
  expect_counted_once();
}

TEST_P(ForwarderTest, TakesWhatIsForItsOwnHostAtTheLastHopToo) {
  router.decision = &next;
  router.here = GetParam().origin;
  forward(echo(1));
  forward(echo(2));
  ASSERT_EQ(next.sent.size(), 2u);
  for (const Packet& packet : next.sent) {
    EXPECT_EQ(IpView::parse(packet.bytes()).value().hop_limit(), 1);
  }
  EXPECT_TRUE(back.sent.empty());
  expect_counted_once();
}

TEST_P(ForwarderTest, AnswersTimeExceededAtTheLastHopQuotingThePacketAsItCame) {
  router.decision = &next;
  const Packet original = echo(1);
  const std::vector<std::uint8_t> bytes(original.bytes().begin(), original.bytes().end());
  forward(pool.copy(bytes).value());
  const auto icmp = error();
  EXPECT_EQ(icmp.type, GetParam().exceeded);
  EXPECT_EQ(icmp.code, 0);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), icmp.payload.begin(), icmp.payload.end()));
  EXPECT_TRUE(next.sent.empty());
  EXPECT_EQ(counters().answered(DropReason::hop_limit_exceeded), 1u);
}

TEST_P(ForwarderTest, TimeExceededNamesWhereThePacketCameInIfItIsToldTo) {
  options.interface_name = "edge";
  forwarder.configure(options, random);
  back.mtu = 1337;
  const IncomingInterface expected("edge", 1337);
  const bool v4 = GetParam().client.is_v4();
  forward(echo(1));
  const auto icmp = error();
  const std::size_t said = v4 ? (icmp.id & 0xffu) * 4u : (icmp.id >> 8) * 8u;
  const Bytes found = split_quote(icmp.payload, said).extensions;
  EXPECT_TRUE(std::ranges::equal(found, expected.bytes()));

  back.sent.clear();
  router.decision = tl::make_unexpected(DropReason::no_route);
  forward(echo(64));
  EXPECT_EQ(error().id, 0u) << "other errors have no extension";
}

TEST_P(ForwarderTest, EachReasonHasItsError) {
  struct Case {
    DropReason reason;
    std::uint8_t v4_code, v6_code;
  };
  for (const Case c :
       {Case{DropReason::no_route, 0, 0}, Case{DropReason::no_connection, 1, 3},
        Case{DropReason::destination_refused, 13, 1}, Case{DropReason::icmp_unavailable, 13, 1},
        Case{DropReason::policy_denied, 13, 1}, Case{DropReason::device_revoked, 13, 1}}) {
    SCOPED_TRACE(to_string(c.reason));
    back.sent.clear();
    router.decision = tl::make_unexpected(c.reason);
    forward(echo(64));
    const auto icmp = error();
    EXPECT_EQ(icmp.type, GetParam().unreachable);
    EXPECT_EQ(icmp.code, GetParam().client.is_v4() ? c.v4_code : c.v6_code);
    EXPECT_EQ(icmp.payload[GetParam().client.is_v4() ? 8 : 7], 64)
        << "the quote has the hop limit as it came";
    EXPECT_EQ(counters().answered(c.reason), 1u);
  }
  expect_counted_once();
}

TEST_P(ForwarderTest, ARefusalOfTheLinkIsAnsweredAsIfItHadNotLeft) {
  router.decision = &next;
  next.refusal = DropReason::icmp_unavailable;
  forward(echo(9));
  const auto icmp = error();
  const auto quoted = IpView::parse(icmp.payload).value();  // its checksum is whole
  EXPECT_EQ(quoted.hop_limit(), 9);
}

TEST_P(ForwarderTest, TooBigTellsTheMtu) {
  router.decision = &next;
  next.mtu = 1290;
  forward(echo(64, 1400));
  const auto icmp = error();
  EXPECT_EQ(icmp.type, GetParam().too_big_type);
  EXPECT_EQ(std::uint32_t{icmp.id} << 16 | icmp.sequence, 1290u);
  EXPECT_TRUE(next.sent.empty());
}

TEST_P(ForwarderTest, NeverTellsAnIpv6MtuBelow1280) {
  router.decision = &next;
  next.mtu = 1100;
  forward(echo(64, 1200));
  const auto icmp = error();
  EXPECT_EQ(std::uint32_t{icmp.id} << 16 | icmp.sequence,
            GetParam().client.is_v4() ? 1100u : 1280u);
}

TEST_P(ForwarderTest, SilentModeKeepsPathDiscovery) {
  options.unreachables = Unreachables::silent;
  Forwarder silent(
      options,
      [](const IpView& p) {
        return std::optional(p.is_v4() ? kFamilies[0].hop : kFamilies[1].hop);
      },
      pool, random);
  router.decision = tl::make_unexpected(DropReason::no_route);
  silent.forward(echo(64), router, &back, now);
  EXPECT_TRUE(back.sent.empty());
  EXPECT_EQ(counters().dropped(DropReason::no_route), 1u);
  silent.forward(echo(1), router, &back, now);
  EXPECT_EQ(back.sent.size(), 1u);
}

TEST_P(ForwarderTest, NeverAnswersAnError) {
  router.decision = tl::make_unexpected(DropReason::no_route);
  const Packet request = echo(64);
  auto about = make_icmp_error(pool, IpView::parse(request.bytes()).value(), GetParam().origin,
                               IcmpErrorCause::host_unreachable)
                   .value();
  forward(std::move(about));
  EXPECT_TRUE(back.sent.empty());
  EXPECT_EQ(counters().dropped(DropReason::no_route), 1u);
}

TEST_P(ForwarderTest, LimitsErrorsAndCountsTheRest) {
  options.error_limits = {.per_address = 10, .total = 1000};
  Forwarder limited(
      options,
      [](const IpView& p) {
        return std::optional(p.is_v4() ? kFamilies[0].hop : kFamilies[1].hop);
      },
      pool, random);
  router.decision = tl::make_unexpected(DropReason::no_route);
  for (int i = 0; i < 100; ++i) limited.forward(echo(64), router, &back, now);
  EXPECT_EQ(back.sent.size(), 10u);
  EXPECT_EQ(limited.errors_suppressed(), 90u);
  EXPECT_EQ(counters().dropped(DropReason::no_route), 90u);
  limited.forward(echo(64), router, &back, now + 100ms);
  EXPECT_EQ(back.sent.size(), 11u) << "a token has come back";
}

TEST_P(ForwarderTest, BytesBehindThePacketAreCutOff) {
  router.decision = &next;
  auto packet = echo(64);
  const auto size = packet.size();
  std::fill_n(packet.append(5), 5, 0xee);
  forward(std::move(packet));
  ASSERT_EQ(next.sent.size(), 1u);
  EXPECT_EQ(next.sent[0].size(), size);
}

TEST_P(ForwarderTest, CountsEachDirectionByItself) {
  FixedRouter other;
  router.decision = &next;
  other.decision = tl::make_unexpected(DropReason::no_flow);
  const std::size_t size = echo(64).size();
  forward(echo(64));
  forward(echo(1));
  forwarder.forward(echo(64), other, nullptr, now);
  other.count_lost(DropReason::no_buffer);
  EXPECT_EQ(router.traffic().packets.in(), 2u);
  EXPECT_EQ(router.traffic().bytes_received, 2 * size);
  EXPECT_EQ(router.traffic().bytes_forwarded, size);
  EXPECT_EQ(other.traffic().packets.in(), 2u);
  EXPECT_EQ(other.traffic().packets.dropped(), 2u);
  EXPECT_EQ(other.traffic().bytes_received, size) << "what was lost had no bytes";
  EXPECT_EQ(other.traffic().bytes_forwarded, 0u);
}

TEST_P(ForwarderTest, BrokenPacketsAreDroppedByReason) {
  router.decision = &next;
  for (std::size_t n = 0; n < 40 && n < echo(64).size(); ++n) {
    forward(pool.copy(echo(64).bytes().first(n)).value());
  }
  EXPECT_EQ(counters().dropped(DropReason::truncated), 40u);
  EXPECT_TRUE(next.sent.empty());
  EXPECT_TRUE(back.sent.empty());
  expect_counted_once();
}

}  // namespace
}  // namespace oneping
