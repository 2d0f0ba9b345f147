#include "forward/probe_pacer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/fake_link.h"
#include "wire/icmp.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

IpAddress address(const std::string& text) { return IpAddress::parse(text).value(); }

class ProbePacerTest : public testing::TestWithParam<IpFamily> {
 protected:
  std::optional<DropReason> send(std::uint8_t hop_limit, int client = 1, std::uint16_t number = 0,
                                 std::size_t size = 0) {
    const bool v4 = GetParam() == IpFamily::v4;
    const IpHeader header{.source = address((v4 ? "100.96.0." : "fd00::") + std::to_string(client)),
                          .destination = address(v4 ? "172.16.10.120" : "fd10::120"),
                          .hop_limit = hop_limit};
    Packet packet =
        make_echo(pool, EchoType::request, header, {7, number}, std::vector<std::uint8_t>(size))
            .value();
    return pacer.send(packet, link, kTag, now);
  }
  // Until nothing waits; how long that took.
  Duration wait_for_all() {
    const Time begin = now;
    while (pacer.next_deadline() != kNever) {
      now = pacer.next_deadline();
      pacer.on_time(now);
    }
    EXPECT_EQ(pacer.waiting(), 0u);
    return now - begin;
  }
  std::vector<std::uint16_t> numbers_sent() const {
    std::vector<std::uint16_t> numbers;
    for (const Packet& packet : link.sent) {
      numbers.push_back(IcmpView::parse(IpView::parse(packet.bytes()).value())->sequence);
    }
    return numbers;
  }

  static constexpr std::uint8_t kTag = 3;
  struct Told {
    DropReason reason;
    std::uint8_t hop_limit;
    std::size_t mtu;
    std::uint8_t tag;
  };

  PacketPool pool;
  test::FakeLink link;
  std::vector<Told> told;
  ProbePacer::Options options{
      .per_second = 100, .burst = 20, .max_wait = 500ms, .per_client = 1000};
  ProbePacer pacer = make();
  Time now{100s};

  ProbePacer make() {
    return {options, [this](const IpView& packet, DropReason reason, std::size_t mtu,
                            std::uint8_t tag, Time) {
              told.push_back({reason, packet.hop_limit(), mtu, tag});
            }};
  }
};

INSTANTIATE_TEST_SUITE_P(Families, ProbePacerTest, testing::Values(IpFamily::v4, IpFamily::v6),
                         [](const auto& p) { return p.param == IpFamily::v4 ? "IPv4" : "IPv6"; });

// Three probes each of twenty traceroutes come to each of three routers at the same time.
TEST_P(ProbePacerTest, TwentyTraceroutesAtOncePassWithinHalfASecond) {
  for (int client = 0; client < 20; ++client) {
    for (std::uint8_t distance = 1; distance <= 3; ++distance) {
      for (int probe = 0; probe < 3; ++probe) EXPECT_EQ(send(distance, client), std::nullopt);
    }
  }
  EXPECT_EQ(link.sent.size(), 3u * 20) << "a burst of each distance";
  EXPECT_EQ(pacer.delayed(), 3u * 40);
  EXPECT_EQ(wait_for_all(), 400ms);
  EXPECT_EQ(link.sent.size(), 180u);
}

TEST_P(ProbePacerTest, KeepsTheRateAndTheOrder) {
  std::vector<std::uint16_t> expected;
  for (std::uint16_t i = 0; i < 70; ++i) {
    EXPECT_EQ(send(1, 1, i), std::nullopt);
    expected.push_back(i);
  }
  for (std::size_t sent = 20; sent < 70; ++sent) {
    EXPECT_EQ(link.sent.size(), sent);
    now += 10ms;
    pacer.on_time(now);
  }
  EXPECT_EQ(numbers_sent(), expected);
}

// One that is due and has not left yet is not overtaken.
TEST_P(ProbePacerTest, ALateTimerKeepsTheOrder) {
  for (std::uint16_t i = 0; i < 21; ++i) EXPECT_EQ(send(1, 1, i), std::nullopt);
  now += 1s;
  EXPECT_EQ(send(1, 1, 21), std::nullopt);
  EXPECT_EQ(link.sent.size(), 20u);
  pacer.on_time(now);
  EXPECT_EQ(numbers_sent().back(), 21);
  EXPECT_EQ(link.sent.size(), 22u);
}

TEST_P(ProbePacerTest, RefusesWhatWouldWaitTooLongAndIsFairLater) {
  for (int i = 0; i < 70; ++i) EXPECT_EQ(send(1), std::nullopt);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(send(1), DropReason::probe_rate_limit);
  EXPECT_EQ(pacer.refused(), 1000u);
  EXPECT_EQ(send(2), std::nullopt) << "other distances are others";
  EXPECT_EQ(wait_for_all(), 500ms) << "refused ones cost the others nothing";
  now += 200ms;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send(1), std::nullopt);
  EXPECT_EQ(pacer.waiting(), 0u) << "the burst is there again";
}

TEST_P(ProbePacerTest, OneClientHasHisShareOfTheWaitingOnly) {
  options.per_client = 16;
  pacer = make();
  for (int i = 0; i < 20 + 16; ++i) EXPECT_EQ(send(1, 1), std::nullopt);
  EXPECT_EQ(send(1, 1), DropReason::probe_rate_limit);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(send(1, 2), std::nullopt);
  EXPECT_EQ(send(1, 2), DropReason::probe_rate_limit);
}

TEST_P(ProbePacerTest, FarPacketsAndAHiddenPathAreNotPaced) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(send(ProbePacer::kDistances + 1), std::nullopt);
  pacer.enable(false);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(send(1), std::nullopt);
  EXPECT_EQ(link.sent.size(), 2000u);
  EXPECT_EQ(pacer.delayed(), 0u);
}

TEST_P(ProbePacerTest, ALaterRefusalIsToldAboutThePacketAsItCame) {
  for (int i = 0; i < 21; ++i) EXPECT_EQ(send(5), std::nullopt);
  link.refusal = DropReason::too_big;
  wait_for_all();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reason, DropReason::too_big);
  EXPECT_EQ(told[0].hop_limit, 6);
  EXPECT_EQ(told[0].mtu, link.mtu);
  EXPECT_EQ(told[0].tag, kTag);
}

TEST_P(ProbePacerTest, ARefusalAtOnceIsTheLinks) {
  link.refusal = DropReason::flow_table_full;
  EXPECT_EQ(send(1), DropReason::flow_table_full);
  EXPECT_TRUE(told.empty());
}

TEST_P(ProbePacerTest, AnyRateWorks) {
  for (const std::uint32_t rate : {1u, 3u, 1'000'000u}) {
    options = {.per_second = rate, .burst = 1, .max_wait = 500ms, .per_client = 16};
    pacer = make();
    link.sent.clear();
    EXPECT_EQ(send(1), std::nullopt);
    now += 1s;
    EXPECT_EQ(send(1), std::nullopt);
    EXPECT_EQ(link.sent.size(), 2u) << rate;
  }
}

// Of their buffers there are few, and they are everybody's.
TEST_P(ProbePacerTest, LargePacketsDoNotWait) {
  for (std::uint32_t i = 0; i < options.burst; ++i) EXPECT_EQ(send(3), std::nullopt);
  EXPECT_EQ(send(3, 1, 0, 2500), DropReason::probe_rate_limit);
  EXPECT_EQ(send(4, 1, 0, 2500), std::nullopt) << "they may go";
  EXPECT_EQ(send(3, 1, 0, 1000), std::nullopt);
  EXPECT_EQ(pacer.waiting(), 1u);
}

}  // namespace
}  // namespace oneping
