#include "proxy/echo_slots.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <vector>

namespace oneping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr EchoChannelKind kKind = EchoChannelKind::v6_dont_fragment;

EchoRecord record_number(std::uint32_t n) {
  return {.client = IpAddress::v4(0x64600000 + n),
          .destination = IpAddress::v4(0xac100a78),
          .identity = {.id = static_cast<std::uint16_t>(n), .sequence = 1},
          .payload_fingerprint = ~n,
          .label = n};
}

constexpr std::uint64_t kFlow = 0xfedc'0000'1234'5678;  // its numbers are 0xfedc from the client's

// A table and a clock.
struct Table {
  explicit Table(std::uint16_t channels) : slots(kKind, channels, {}) {}

  std::optional<EchoSlot> open(std::uint32_t n = 0) { return slots.open(record_number(n), now); }
  std::vector<EchoSlot> open_many(std::size_t count) {
    std::vector<EchoSlot> opened;
    for (std::size_t i = 0; i < count; ++i) {
      const auto slot = open(static_cast<std::uint32_t>(i));
      if (slot) opened.push_back(*slot);
    }
    return opened;
  }
  // By one client, to one host.
  std::optional<EchoSlot> open_own(std::uint16_t sequence, std::uint64_t flow = kFlow) {
    EchoRecord record = record_number(7);
    record.identity.sequence = sequence;
    return slots.open(record, flow, now);
  }
  void answer(const EchoSlot& slot) {
    EXPECT_EQ(slots.mark_answered(slot, now), EchoSlots::Answer::first);
  }

  EchoSlots slots;
  Time now{};
};

TEST(EchoSlots, CountsErrorsOfOneRequest) {
  Table table(1);
  const EchoSlot slot = *table.open();
  const EchoSlot other = *table.open();
  for (unsigned i = 0; i < EchoSlots::kMaxErrors; ++i) EXPECT_TRUE(table.slots.count_error(slot));
  EXPECT_FALSE(table.slots.count_error(slot));
  EXPECT_TRUE(table.slots.count_error(other));
}

// Times are kept in milliseconds that wrap after 49 days.
TEST(EchoSlots, TimesOutTheSameAfterManyDays) {
  Table table(1);
  const Time wrap{milliseconds(std::int64_t{1} << 32)};
  for (const Duration before : {milliseconds(1), milliseconds(30000), milliseconds(60000)}) {
    table.now = wrap - before;
    static_cast<void>(table.open());
    const Time due = table.now + seconds(60);
    EXPECT_EQ(table.slots.next_deadline(), due);
    const auto expired = table.slots.expired();
    table.slots.expire(due - milliseconds(1));
    EXPECT_EQ(table.slots.expired(), expired);
    table.slots.expire(due);
    EXPECT_EQ(table.slots.expired(), expired + 1);
  }
}

TEST(EchoSlots, NoChannelsNoSlots) {
  Table table(0);
  EXPECT_FALSE(table.open());
  EXPECT_EQ(table.slots.find({kKind, 0, 0}), nullptr);
  EXPECT_EQ(table.slots.next_deadline(), kNever);
}

TEST(EchoSlots, FillsAChannelBeforeTheNext) {
  Table table(2);
  const auto opened = table.open_many(kSequencesPerChannel + 1);
  ASSERT_EQ(opened.size(), kSequencesPerChannel + 1);
  EXPECT_EQ(opened.front(), (EchoSlot{kKind, 0, 0}));
  EXPECT_EQ(opened[65535], (EchoSlot{kKind, 0, 65535}));
  EXPECT_EQ(opened.back(), (EchoSlot{kKind, 1, 0}));
}

TEST(EchoSlots, ReusesARestedSequenceBeforeANewChannel) {
  Table table(2);
  const auto opened = table.open_many(kSequencesPerChannel);
  table.answer(opened[7]);
  table.now += seconds(10) - milliseconds(1);
  EXPECT_EQ(table.open(), (EchoSlot{kKind, 1, 0})) << "7 has not rested long enough";
  table.now += milliseconds(1);
  table.open_many(kSequencesPerChannel - 1);  // fills channel 1
  EXPECT_EQ(table.open(), opened[7]);
}

TEST(EchoSlots, TakesTheLongestResting) {
  Table table(1);
  const auto opened = table.open_many(kSequencesPerChannel);
  for (const int i : {30, 10, 20}) {
    table.answer(opened[i]);
    table.now += milliseconds(1);
  }
  EXPECT_EQ(table.open(), opened[30]);
  EXPECT_EQ(table.open(), opened[10]);
  EXPECT_EQ(table.open(), opened[20]);
}

TEST(EchoSlots, WhenAllArePendingTheOldestGivesWayAfterASecond) {
  Table table(1);
  const auto first = table.open();
  table.now += milliseconds(500);
  table.open_many(kSequencesPerChannel - 1);
  EXPECT_FALSE(table.open());
  table.now += milliseconds(499);
  EXPECT_FALSE(table.open());
  table.now += milliseconds(1);
  EXPECT_EQ(table.open(), first);
  EXPECT_EQ(table.slots.evicted(), 1u);
  EXPECT_FALSE(table.open()) << "the next oldest is half a second old";
}

TEST(EchoSlots, RemembersTheRequestUntilReuse) {
  Table table(1);
  const auto slot = table.open(5);
  ASSERT_TRUE(slot);
  EXPECT_EQ(*table.slots.find(*slot), record_number(5));
  EXPECT_EQ(table.slots.mark_answered(*slot, table.now), EchoSlots::Answer::first);
  EXPECT_EQ(table.slots.pending(), 0u);
  table.now += seconds(100);
  EXPECT_EQ(*table.slots.find(*slot), record_number(5));
  EXPECT_EQ(table.slots.mark_answered(*slot, table.now), EchoSlots::Answer::duplicate);
}

TEST(EchoSlots, OtherKindsAndUnusedSlotsAreUnknown) {
  Table table(1);
  const auto slot = table.open();
  ASSERT_TRUE(slot);
  EXPECT_EQ(table.slots.find({EchoChannelKind::v4_may_fragment, 0, slot->sequence}), nullptr);
  EXPECT_EQ(table.slots.find({kKind, 0, 1}), nullptr);
  EXPECT_EQ(table.slots.find({kKind, 65535, 65535}), nullptr);
}

TEST(EchoSlots, ForgetsAtTheDeadline) {
  Table table(1);
  const auto slot = table.open();
  ASSERT_TRUE(slot);
  EXPECT_EQ(table.slots.next_deadline(), table.now + seconds(60));
  table.now += seconds(60) - milliseconds(1);
  table.slots.expire(table.now);
  EXPECT_NE(table.slots.find(*slot), nullptr);
  table.now += milliseconds(1);
  table.slots.expire(table.now);
  EXPECT_EQ(table.slots.find(*slot), nullptr);
  EXPECT_EQ(table.slots.expired(), 1u);
  EXPECT_EQ(table.slots.next_deadline(), kNever);
}

TEST(EchoSlots, ExpiresABacklogInBoundedSteps) {
  Table table(1);
  table.open_many(kSequencesPerChannel);
  table.now += seconds(61);
  int calls = 0;
  for (; table.slots.next_deadline() <= table.now; ++calls) table.slots.expire(table.now);
  EXPECT_EQ(table.slots.expired(), kSequencesPerChannel);
  EXPECT_GT(calls, 1);
}

TEST(EchoSlots, ACancelledRequestIsForgotten) {
  Table table(1);
  const auto slot = table.open();
  ASSERT_TRUE(slot);
  table.slots.cancel(*slot, table.now);
  EXPECT_EQ(table.slots.find(*slot), nullptr);
  EXPECT_EQ(table.slots.pending(), 0u);
}

TEST(EchoSlots, AMillionOutstandingFitTheMemoryBound) {
  Table table(16);
  EXPECT_LT(table.slots.memory(), 10'000u) << "idle";
  constexpr std::size_t kMany = 1'000'000;
  ASSERT_EQ(table.open_many(kMany).size(), kMany);
  EXPECT_EQ(table.slots.pending(), kMany);
  EXPECT_LE(table.slots.memory(), 65 * kMany);
  RecordProperty("bytes_per_request", std::to_string(double(table.slots.memory()) / kMany));
}

TEST(EchoSlots, AFlowKeepsItsDistanceInTheChecksumsArithmetic) {
  Table table(16);
  struct Case {
    std::uint16_t sequence, on_the_wire;
  };
  const Case cases[] = {{0, 0xfedc}, {1, 0xfedd},      {0x122, 0xfffe}, {0x123, 0},
                        {0x124, 1},  {0x8000, 0x7edd}, {0xfffe, 0xfedb}};
  for (const auto [sequence, on_the_wire] : cases) {
    EXPECT_EQ(table.open_own(sequence), (EchoSlot{kKind, 0, on_the_wire})) << sequence;
  }
  EXPECT_EQ(table.open_own(0xffff), (EchoSlot{kKind, 0, 0x0002}))
      << "as good as 0, which is taken: another one, behind 0 and 1, which are taken too";
}

TEST(EchoSlots, ATakenSlotOfAFlowIsReplacedByAnyOther) {
  Table table(1);
  const auto own = table.open_own(1);
  const auto other = table.open_own(1);
  ASSERT_TRUE(own && other);
  EXPECT_NE(*own, *other);
  EXPECT_EQ(table.slots.pending(), 2u);
  EXPECT_NE(table.slots.find(*own), nullptr);
  EXPECT_NE(table.slots.find(*other), nullptr);
}

TEST(EchoSlots, AFlowTakesOverARestedSlotOfAnother) {
  Table table(1);
  const EchoSlot own{kKind, 0, 0xfedd};
  EXPECT_EQ(table.slots.open(record_number(1), kFlow, table.now), own);
  table.answer(own);
  table.now += seconds(10) - milliseconds(1);
  EXPECT_NE(table.open_own(1), own) << "stragglers may come still";
  table.now += milliseconds(1);
  EXPECT_EQ(table.open_own(1), own);
  EXPECT_EQ(table.slots.find(own)->client, record_number(7).client);
  EXPECT_EQ(table.slots.pending(), 2u);
}

TEST(EchoSlots, TheSameRequestAgainHasItsSlotAtOnce) {
  Table table(1);
  const EchoSlot own = *table.open_own(1);
  table.answer(own);
  EXPECT_EQ(table.open_own(1), own);
  EXPECT_EQ(table.slots.pending(), 1u);
}

// Most flows stay where they are when there is one more channel, and the others share it.
TEST(EchoSlots, ANewChannelTakesItsShareOfTheFlows) {
  Table table(4);
  constexpr std::uint32_t kFlows = 3000;
  const auto channels = [&] {
    std::vector<std::uint16_t> found;
    for (std::uint32_t n = 0; n < kFlows; ++n) {
      const auto slot = table.slots.open(record_number(n), n * 0x9e3779b97f4a7c15u, table.now);
      table.slots.cancel(*slot, table.now);
      found.push_back(slot->channel);
    }
    return found;
  };
  table.open_many(kSequencesPerChannel - 2 * kFlows);
  EXPECT_EQ(channels(), std::vector<std::uint16_t>(kFlows, 0));
  while (table.open()->channel == 0) {
  }
  table.now += seconds(60);
  while (table.slots.next_deadline() <= table.now) table.slots.expire(table.now);
  table.now += seconds(10);
  std::size_t moved = 0;
  for (const std::uint16_t channel : channels()) moved += channel;
  EXPECT_NEAR(static_cast<double>(moved), kFlows / 2.0, kFlows / 10.0);
}

// The same table, written for obviousness.
class Model {
 public:
  enum class State { unused, pending, answered, dead };
  struct Slot {
    State state = State::unused;
    EchoRecord record;
    Time since{};
  };

  explicit Model(std::size_t channels) : slots_(channels * kSequencesPerChannel) {}

  Slot& at(const EchoSlot& slot) {
    return slots_[slot.channel * kSequencesPerChannel + slot.sequence];
  }
  std::size_t count(State state) const {
    return std::count_if(slots_.begin(), slots_.end(), [&](auto& s) { return s.state == state; });
  }
  Time oldest(State state) const {
    Time oldest = kNever;
    for (const Slot& slot : slots_) {
      if (slot.state == state) oldest = std::min(oldest, slot.since);
    }
    return oldest;
  }
  std::vector<Slot>& slots() { return slots_; }

 private:
  std::vector<Slot> slots_;
};

// Random steps on a table that starts nearly full, so that every way to find a slot is taken.
TEST(EchoSlotsProperty, BehavesAsTheModel) {
  EXPECT_TRUE(rc::check("a slot belongs to one live request, and only it is found there", [] {
    Table table(1);
    Model model(1);
    std::vector<EchoSlot> known;
    std::uint32_t next = 0;

    const auto open = [&] {
      const EchoRecord record = record_number(next++);
      const std::uint64_t evicted_before = table.slots.evicted();
      const auto slot = table.slots.open(record, table.now);
      const bool evicted = table.slots.evicted() != evicted_before;
      if (!slot || evicted) {
        RC_ASSERT(model.count(Model::State::pending) == kSequencesPerChannel);
        const Duration age = table.now - model.oldest(Model::State::pending);
        RC_ASSERT((age >= seconds(1)) == slot.has_value());
      }
      if (!slot) return;
      RC_ASSERT(slot->kind == kKind && slot->channel == 0);
      Model::Slot& entry = model.at(*slot);
      RC_ASSERT((entry.state == Model::State::pending) == evicted);
      if (evicted) RC_ASSERT(entry.since == model.oldest(Model::State::pending));
      entry = {Model::State::pending, record, table.now};
      known.push_back(*slot);
    };

    const auto spare = *rc::gen::inRange<std::size_t>(0, 20);
    while (known.size() < kSequencesPerChannel - spare) {
      model.at(*table.open(next)) = {Model::State::pending, record_number(next), table.now};
      known.push_back({kKind, 0, static_cast<std::uint16_t>(next++)});
    }
    const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint16_t>>>(
        rc::gen::arbitrary<std::pair<std::uint8_t, std::uint16_t>>());
    for (const auto& [step, pick] : steps) {
      const EchoSlot slot =
          known[known.size() - 1 - pick % std::min<std::size_t>(known.size(), 64)];
      Model::Slot& entry = model.at(slot);
      const EchoRecord* found = table.slots.find(slot);
      const bool live =
          entry.state == Model::State::pending || entry.state == Model::State::answered;
      RC_ASSERT((found != nullptr) == live);
      if (found != nullptr) RC_ASSERT(*found == entry.record);
      switch (step % 8) {
        case 0:
        case 1:
          if (live) {
            const auto answer = table.slots.mark_answered(slot, table.now);
            const bool first = entry.state == Model::State::pending;
            RC_ASSERT((answer == EchoSlots::Answer::first) == first);
            if (first) entry.since = table.now;
            entry.state = Model::State::answered;
          }
          break;
        case 2:
          if (entry.state == Model::State::pending) {
            table.slots.cancel(slot, table.now);
            entry.state = Model::State::dead;
          }
          break;
        case 3: table.now += milliseconds(pick % 1500); break;
        case 4:
          if (pick % 16 == 0) table.now += seconds(60);
          while (table.slots.next_deadline() <= table.now) table.slots.expire(table.now);
          for (Model::Slot& other : model.slots()) {
            const bool due = table.now - other.since >= seconds(60);
            if (other.state == Model::State::pending && due) other.state = Model::State::dead;
          }
          break;
        default: open();
      }
    }
    RC_ASSERT(table.slots.pending() == model.count(Model::State::pending));
    const Time oldest = model.oldest(Model::State::pending);
    RC_ASSERT(table.slots.next_deadline() == (oldest == kNever ? kNever : oldest + seconds(60)));
  }));
}

}  // namespace
}  // namespace oneping
