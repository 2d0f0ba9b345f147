// What becomes of ICMP errors about requests, and of requests that could not be sent.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "proxy/testing/echo_world.h"
#include "test/support/packet_builder.h"

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
  IpAddress router;
  std::uint8_t exceeded, unreachable;
  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

const Family kFamilies[] = {{"v4", kEchoV4, address("10.20.1.1"), 11, 3},
                            {"v6", kEchoV6, address("fd00:10:20:1::1"), 3, 1}};

class EchoErrors : public testing::TestWithParam<Family> {
 protected:
  // Sends a request; what the network then holds.
  FakeNetwork::Sent ask(const Echo& echo) {
    EXPECT_EQ(world.request(echo), std::nullopt);
    return world.network.sent.back();
  }
  FakeNetwork::Sent ask() { return ask(GetParam().echo); }

  // The error that the family's router sends about it, quoting all of it.
  EchoError exceeded(const FakeNetwork::Sent& sent) {
    return {.offender = GetParam().router,
            .destination = sent.destination,
            .type = GetParam().exceeded,
            .code = 0,
            .parameter = 0,
            .hop_limit = 63,
            .traffic_class = 0xc0,
            .payload = sent.payload,
            .extensions = {}};
  }
  void tell(const EchoSlot& slot, const EchoError& error) {
    world.proxy.on_echo_error(slot, error, world.now);
  }
  std::uint64_t dropped(DropReason why) { return world.proxy.error_counters().dropped(why); }

  // The packet that the n-th error quotes.
  Bytes quote(std::size_t n = 0) {
    const auto ip = IpView::parse(world.errors[n].packet.bytes());
    return IcmpView::parse(*ip)->payload;
  }
  // The last request as the client sent it, with that hop limit.
  std::vector<std::uint8_t> request_with(std::uint8_t hop_limit) {
    auto bytes = world.requested;
    while (IpView::parse(bytes)->hop_limit() > hop_limit) decrement_hop_limit(bytes);
    while (IpView::parse(bytes)->hop_limit() < hop_limit) increment_hop_limit(bytes);
    return bytes;
  }

  World world;
};

INSTANTIATE_TEST_SUITE_P(Families, EchoErrors, testing::ValuesIn(kFamilies),
                         [](const auto& family) { return family.param.name; });

TEST_P(EchoErrors, ARoutersErrorReachesTheClientAboutHisOwnPacket) {
  const auto sent = ask();
  tell(sent.slot, exceeded(sent));
  ASSERT_EQ(world.errors.size(), 1u);
  EXPECT_EQ(world.errors[0].tag, GetParam().echo.tag);
  const Packet& packet = world.errors[0].packet;
  EXPECT_TRUE(test::icmp_packet_checksums_right(packet.bytes()));
  const auto ip = IpView::parse(packet.bytes());
  EXPECT_EQ(ip->source(), GetParam().router);
  EXPECT_EQ(ip->destination(), GetParam().echo.client);
  EXPECT_EQ(ip->hop_limit(), 63);
  EXPECT_EQ(ip->traffic_class(), 0xc0);
  const auto icmp = IcmpView::parse(*ip);
  EXPECT_EQ(icmp->type, GetParam().exceeded);
  EXPECT_TRUE(std::ranges::equal(icmp->payload, request_with(1)))
      << "the quote is the client's packet when its hops ran out";
}

TEST_P(EchoErrors, EveryCodeIsKept) {
  for (std::uint8_t code = 0; code < 16; ++code) {
    const auto sent = ask();
    EchoError error = exceeded(sent);
    error.type = GetParam().unreachable;
    error.code = code;
    error.parameter = 1300;
    tell(sent.slot, error);
    ASSERT_EQ(world.errors.size(), code + 1u);
    const auto icmp = IcmpView::parse(*IpView::parse(world.errors.back().packet.bytes()));
    EXPECT_EQ(icmp->type, GetParam().unreachable);
    EXPECT_EQ(icmp->code, code);
    const bool tells_mtu = GetParam().unreachable == 3 && code == 4;
    EXPECT_EQ(icmp->sequence, tells_mtu ? 1300 : 0);
    EXPECT_TRUE(std::ranges::equal(quote(code), request_with(GetParam().echo.hop_limit)));
  }
}

TEST_P(EchoErrors, WhatIsNotForAClientIsNotPassedOn) {
  const auto sent = ask();
  const bool v4 = sent.destination.is_v4();
  for (const int type : v4 ? std::vector{0, 4, 5, 8, 13, 40} : std::vector{0, 100, 128, 129, 137}) {
    EchoError error = exceeded(sent);
    error.type = static_cast<std::uint8_t>(type);
    tell(sent.slot, error);
  }
  EXPECT_TRUE(world.errors.empty());
  EXPECT_EQ(dropped(DropReason::not_reply_or_error), world.proxy.error_counters().in());
}

TEST_P(EchoErrors, WhatWasNeverAskedOrOtherwiseIsNotPassedOn) {
  const auto sent = ask();
  EchoSlot unused = sent.slot;
  ++unused.sequence;
  tell(unused, exceeded(sent));
  EXPECT_EQ(dropped(DropReason::no_flow), 1u) << "never asked";

  EchoError other = exceeded(sent);
  other.destination = GetParam().router;
  tell(sent.slot, other);
  EXPECT_EQ(dropped(DropReason::reply_mismatch), 1u) << "another destination";

  const auto changed = payload_of("abcdefgx");
  other = exceeded(sent);
  other.payload = changed;
  tell(sent.slot, other);
  EXPECT_EQ(dropped(DropReason::reply_mismatch), 2u) << "another payload";
  EXPECT_TRUE(world.errors.empty());
}

TEST_P(EchoErrors, ACutOrPaddedQuoteIsGoodEnough) {
  const auto sent = ask();
  EchoError cut = exceeded(sent);
  cut.payload = cut.payload.first(3);
  tell(sent.slot, cut);
  auto padded = sent.payload;
  padded.resize(100);
  EchoError error = exceeded(sent);
  error.payload = padded;
  tell(sent.slot, error);
  ASSERT_EQ(world.errors.size(), 2u);
  const auto request = request_with(1);
  EXPECT_TRUE(std::ranges::equal(quote(0), Bytes(request).first(request.size() - 5)));
  EXPECT_TRUE(std::ranges::equal(quote(1), request));
}

TEST_P(EchoErrors, OffendersThatNobodyCouldReachAreRefused) {
  const auto sent = ask();
  const bool v4 = sent.destination.is_v4();
  for (const char* offender : v4 ? std::vector{"0.0.0.0", "127.0.0.1", "224.0.0.1",
                                               "255.255.255.255", "169.254.0.1", "fd00::1"}
                                 : std::vector{"::", "::1", "ff02::1", "fe80::1", "10.0.0.1"}) {
    EchoError error = exceeded(sent);
    error.offender = address(offender);
    tell(sent.slot, error);
  }
  EXPECT_TRUE(world.errors.empty());
  EXPECT_EQ(dropped(DropReason::source_refused), world.proxy.error_counters().in());
}

// RFC 5508, REQ-6.
TEST_P(EchoErrors, NeitherRefreshNorEndTheRequest) {
  const auto sent = ask();
  world.now += seconds(59);
  tell(sent.slot, exceeded(sent));
  EXPECT_EQ(world.proxy.outstanding(), 1u);
  EXPECT_EQ(world.proxy.next_deadline(), world.now + seconds(1));
  world.reply_to(sent);
  EXPECT_EQ(world.replies.size(), 1u) << "the reply that came all the same";
  tell(sent.slot, exceeded(sent));
  EXPECT_EQ(world.errors.size(), 2u) << "late, but about that request";
}

TEST_P(EchoErrors, AfterTheRequestsTimeThereIsNobodyToTell) {
  const auto sent = ask();
  world.now += seconds(60);
  world.proxy.on_time(world.now);
  tell(sent.slot, exceeded(sent));
  EXPECT_EQ(dropped(DropReason::no_flow), 1u);
}

TEST_P(EchoErrors, AFloodOfCopiesIsCutOff) {
  const auto sent = ask();
  for (int i = 0; i < 100; ++i) tell(sent.slot, exceeded(sent));
  EXPECT_EQ(world.errors.size(), EchoSlots::kMaxErrors);
  EXPECT_EQ(dropped(DropReason::error_repeated), 100 - EchoSlots::kMaxErrors);
  const auto next = ask();
  tell(next.slot, exceeded(next));
  EXPECT_EQ(world.errors.size(), EchoSlots::kMaxErrors + 1) << "each request has its own";
}

TEST_P(EchoErrors, AHiddenPathIsOneHop) {
  world.proxy.hide_path(true);
  Echo probe = GetParam().echo;
  probe.hop_limit = 1;
  const auto sent = ask(probe);
  EXPECT_EQ(sent.hop_limit, std::nullopt) << "it does not end at the first router";
  tell(sent.slot, exceeded(sent));
  EXPECT_TRUE(world.errors.empty());
  EXPECT_EQ(dropped(DropReason::path_hidden), 1u);
  world.reply_to(sent);
  EXPECT_EQ(world.replies.size(), 1u);

  const EchoFailure failure{
      .destination = sent.destination, .reason = DropReason::no_route, .payload = sent.payload};
  EXPECT_TRUE(world.proxy.on_echo_failure(ask().slot, failure, world.now))
      << "the connector itself is no secret";

  world.proxy.hide_path(false);
  EXPECT_EQ(ask(probe).hop_limit, 1);
}

TEST_P(EchoErrors, NoBufferDropsTheError) {
  World small({}, {}, {.max_packets = 1});
  ASSERT_EQ(small.request(GetParam().echo), std::nullopt);
  const auto held = small.pool.allocate(1);
  const auto sent = small.network.sent[0];
  small.proxy.on_echo_error(sent.slot, exceeded(sent), small.now);
  EXPECT_EQ(small.proxy.error_counters().dropped(DropReason::no_buffer), 1u);
}

TEST_P(EchoErrors, AFailureIsAboutThePacketAsItCameIn) {
  const auto sent = ask();
  const EchoFailure failure{.destination = sent.destination,
                            .reason = DropReason::too_big,
                            .mtu = 1400,
                            .payload = sent.payload};
  EXPECT_TRUE(world.proxy.on_echo_failure(sent.slot, failure, world.now));
  ASSERT_EQ(world.undeliverable.size(), 1u);
  EXPECT_EQ(world.undeliverable[0].request,
            request_with(static_cast<std::uint8_t>(GetParam().echo.hop_limit + 1)));
  EXPECT_EQ(world.undeliverable[0].reason, DropReason::too_big);
  EXPECT_EQ(world.undeliverable[0].mtu, 1400u);
  EXPECT_EQ(world.undeliverable[0].tag, GetParam().echo.tag);
  EXPECT_EQ(world.proxy.outstanding(), 0u) << "nothing was sent, nothing can come";
  world.reply_to(sent);
  EXPECT_TRUE(world.replies.empty());
}

TEST_P(EchoErrors, AfterALateFailureAReplyMayStillCome) {
  const auto sent = ask();
  const EchoFailure failure{.destination = sent.destination,
                            .reason = DropReason::host_unreachable,
                            .payload = sent.payload,
                            .was_sent = true};
  EXPECT_TRUE(world.proxy.on_echo_failure(sent.slot, failure, world.now));
  world.reply_to(sent);
  EXPECT_EQ(world.replies.size(), 1u);
}

TEST_P(EchoErrors, AFailureOfNoRequestIsNobodys) {
  const auto sent = ask();
  EchoFailure failure{
      .destination = sent.destination, .reason = DropReason::no_route, .payload = sent.payload};
  EchoSlot unused = sent.slot;
  ++unused.sequence;
  EXPECT_FALSE(world.proxy.on_echo_failure(unused, failure, world.now));
  failure.destination = GetParam().router;
  EXPECT_FALSE(world.proxy.on_echo_failure(sent.slot, failure, world.now));
  EXPECT_TRUE(world.undeliverable.empty());

  world.tells_failures = false;
  failure.destination = sent.destination;
  EXPECT_FALSE(world.proxy.on_echo_failure(sent.slot, failure, world.now));
}

// Many clients share ids, sequences and destinations. Errors come with any quote: of their own
// request cut anywhere, of others' on their slots, with other destinations and payloads.
TEST(EchoErrorsProperty, AnErrorReachesNobodyWhoDidNotSendThePacketQuoted) {
  EXPECT_TRUE(rc::check("every delivered error quotes a packet that its receiver sent", [] {
    World world;
    std::vector<std::vector<std::uint8_t>> requests;  // as the clients sent them, hop limit 1
    const auto steps = *rc::gen::container<std::vector<std::array<std::uint16_t, 3>>>(
        rc::gen::container<std::array<std::uint16_t, 3>>(rc::gen::arbitrary<std::uint16_t>()));
    for (const auto& [step, pick, cut] : steps) {
      const auto& sent = world.network.sent;
      if (step % 3 == 0 || sent.empty()) {
        Echo echo = pick % 2 == 0 ? kEchoV4 : kEchoV6;
        auto client = echo.client.bytes();
        client[15] = static_cast<std::uint8_t>(1 + pick % 5);
        echo.client = IpAddress::from_v6(client.data());
        echo.identity = {.id = 1, .sequence = static_cast<std::uint16_t>(pick % 3)};
        echo.label = pick;
        std::string payload = std::to_string(requests.size());
        payload.resize(24, '.');
        echo.payload = payload;
        RC_ASSERT(world.request(echo) == std::nullopt);
        requests.push_back(world.requested);
        while (IpView::parse(requests.back())->hop_limit() > 1)
          decrement_hop_limit(requests.back());
        continue;
      }
      const auto& about = sent[pick % sent.size()];
      const auto& other = step % 3 == 1 ? about : sent[(pick / 7) % sent.size()];
      const bool v4 = other.destination.is_v4();
      EchoError error{.offender = address(v4 ? "10.20.1.1" : "fd00:10:20:1::1"),
                      .destination = other.destination,
                      .type = static_cast<std::uint8_t>(v4 ? 11 : 3),
                      .hop_limit = 64,
                      .payload = Bytes(other.payload)};
      // The proxy has no memory of payloads but their fingerprint, so a lie must be whole to show.
      if (step % 3 == 1) error.payload = error.payload.first(cut % (other.payload.size() + 1));
      world.proxy.on_echo_error(about.slot, error, world.now);
    }
    for (const auto& [packet, tag] : world.errors) {
      const auto ip = IpView::parse(packet.bytes());
      const Bytes quote = IcmpView::parse(*ip)->payload;
      RC_ASSERT(IpView::parse_quoted(quote)->source() == ip->destination());
      RC_ASSERT(std::ranges::any_of(requests, [&](const auto& request) {
        return quote.size() <= request.size() &&
               std::ranges::equal(quote, Bytes(request).first(quote.size()));
      }));
    }
  }));
}

}  // namespace
}  // namespace oneping
