#include "probe/probe_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "test/support/packet_builder.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::PacketBuilder;
using Order = ProbeTable::Order;

constexpr const char* kSource = "10.99.1.1";
constexpr const char* kDestination = "10.99.3.2";
constexpr const char* kRouter = "10.99.1.2";

class ProbeTableTest : public testing::Test {
 protected:
  std::optional<ProbeTable::Match> match(const test::ByteVector& packet) {
    const auto answer = read_answer(packet);
    return answer ? table.match(*answer, now) : std::nullopt;
  }
  static test::ByteVector reply(int id, int sequence, const char* from = kDestination) {
    return PacketBuilder(from, kSource).echo_reply(id, sequence).build();
  }
  static test::ByteVector error(int id, int sequence, const char* destination = kDestination) {
    const auto quoted = PacketBuilder(kSource, destination).echo_request(id, sequence).build();
    return PacketBuilder(kRouter, kSource).icmp(11, 0, 0, quoted).build();
  }
  void expect_sums() {
    const auto& counts = table.counts();
    EXPECT_EQ(counts.sent, counts.answered + counts.given_up + counts.forgotten + counts.waiting());
  }

  ProbeTable table{address(kSource), address(kDestination), 7};
  Time now{1s};
};

TEST_F(ProbeTableTest, TimesAReplyByItsOwnMemory) {
  EXPECT_EQ(table.add(42, now), (EchoIdentity{7, 1}));
  now += 3ms;
  const auto found = match(reply(7, 1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tag, 42u);
  EXPECT_EQ(found->order, Order::first);
  EXPECT_EQ(found->round_trip, 3ms);
  EXPECT_TRUE(found->from_destination);
  EXPECT_FALSE(found->is_duplicate);
}

TEST_F(ProbeTableTest, TellsDuplicatesAndLateAnswers) {
  table.add(0, now);
  table.add(1, now);
  ASSERT_TRUE(match(reply(7, 1)));
  const auto again = match(reply(7, 1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->order, Order::again);
  EXPECT_TRUE(again->is_duplicate);

  table.give_up(2);
  const auto late = match(reply(7, 2));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->order, Order::late);
  EXPECT_FALSE(late->is_duplicate);
  EXPECT_EQ(match(reply(7, 2))->order, Order::again);
  EXPECT_EQ(table.counts().late, 1u);
  EXPECT_EQ(table.counts().again, 2u);
  expect_sums();
}

TEST_F(ProbeTableTest, AReplyBehindAnErrorIsNoDuplicate) {
  table.add(0, now);
  EXPECT_EQ(match(error(7, 1))->order, Order::first);
  const auto behind = match(reply(7, 1));
  EXPECT_EQ(behind->order, Order::again);
  EXPECT_FALSE(behind->is_duplicate);
}

TEST_F(ProbeTableTest, StrangersMatchNothing) {
  table.add(0, now);
  EXPECT_FALSE(match(reply(8, 1))) << "another id";
  EXPECT_FALSE(match(reply(7, 2))) << "not sent yet";
  EXPECT_FALSE(match(reply(7, 0))) << "never sent";
  EXPECT_FALSE(match(error(7, 1, "10.99.3.9"))) << "about a request to somebody else";
  EXPECT_FALSE(match(PacketBuilder(kDestination, "10.99.1.9").echo_reply(7, 1).build()))
      << "to somebody else";
  EXPECT_EQ(table.counts().strangers, 5u);
  EXPECT_EQ(table.counts().waiting(), 1u);
}

TEST_F(ProbeTableTest, AnErrorForAnotherHostIsNoAnswer) {
  table.add(0, now);
  const auto quoted = PacketBuilder("10.99.1.9", kDestination).echo_request(7, 1).build();
  EXPECT_FALSE(match(PacketBuilder(kRouter, kSource).icmp(11, 0, 0, quoted).build()));
}

TEST_F(ProbeTableTest, HasAPlaceForEachSequenceAndNoMore) {
  for (std::uint32_t i = 0; i < 200'000; ++i) table.add(i, now);
  EXPECT_LE(table.size(), 65536u);
  EXPECT_EQ(table.counts().forgotten, 200'000u - 65536u);
  const auto last = match(reply(7, 200'000 % 65536));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->tag, 199'999u);
  expect_sums();
}

// Whatever comes in whatever order, each probe is in one state, and nothing is counted twice.
RC_GTEST_PROP(ProbeTableProperty, CountsAddUp, ()) {
  ProbeTable table(address(kSource), address(kDestination), 7);
  Time now{1s};
  std::uint64_t answers = 0;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 12)));
  for (const auto& [what, sequence] : steps) {
    now += 1ms;
    if (what == 0) table.add(0, now);
    if (what == 1) table.give_up(static_cast<std::uint16_t>(sequence));
    if (what < 2) continue;
    const auto quoted = PacketBuilder(kSource, kDestination).echo_request(7, sequence).build();
    const auto packet = what == 2
                            ? PacketBuilder(kDestination, kSource).echo_reply(7, sequence).build()
                            : PacketBuilder(kRouter, kSource).icmp(11, 0, 0, quoted).build();
    const auto match = table.match(read_answer(packet).value(), now);
    ++answers;
    RC_ASSERT(match.has_value() ==
              (sequence >= 1 && static_cast<std::uint64_t>(sequence) <= table.counts().sent));
  }
  const auto& counts = table.counts();
  RC_ASSERT(counts.answered + counts.given_up + counts.forgotten <= counts.sent);
  RC_ASSERT(counts.late <= counts.given_up);
  RC_ASSERT(answers == counts.answered + counts.again + counts.late + counts.strangers);
}

}  // namespace
}  // namespace oneping::probe
