#include "proxy/echo_ids.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace oneping {
namespace {

EchoChannelKind kind_number(std::size_t i) { return static_cast<EchoChannelKind>(i); }

RC_GTEST_PROP(EchoIds, EveryIdLeadsBackToItsChannelAndNoOtherIdDoes, ()) {
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  const auto channels = *rc::gen::inRange<std::uint16_t>(1, 65);
  const EchoIds ids(channels, random);
  std::set<std::uint16_t> used;
  for (std::size_t i = 0; i < kEchoChannelKinds; ++i) {
    for (std::uint16_t channel = 0; channel < channels; ++channel) {
      const std::uint16_t id = ids.id_of(kind_number(i), channel);
      RC_ASSERT(id != 0);
      RC_ASSERT(used.insert(id).second);
      const EchoSlot slot{kind_number(i), channel, 0xbeef};
      RC_ASSERT(ids.find(family_of(slot.kind), id, slot.sequence) == slot);
      const IpFamily other = family_of(slot.kind) == IpFamily::v4 ? IpFamily::v6 : IpFamily::v4;
      RC_ASSERT(ids.find(other, id, slot.sequence) == std::nullopt);
    }
  }
  for (const auto id :
       *rc::gen::container<std::vector<std::uint16_t>>(rc::gen::arbitrary<std::uint16_t>())) {
    const bool is_used = used.count(id) != 0;
    RC_ASSERT((ids.find(IpFamily::v4, id, 0) || ids.find(IpFamily::v6, id, 0)) == is_used);
  }
}

TEST(EchoIds, TheEndsOfThePoolAreHandledLikeItsMiddle) {
  struct Scripted final : Random {
    void fill(MutableBytes bytes) override { store_be64(bytes.data(), draws[next++]); }
    std::vector<std::uint64_t> draws{0, 0xffff, 0xffff, 1, 0x8000, 1, 2, 3};
    std::size_t next = 0;
  } random;
  const EchoIds ids(1, random);
  EXPECT_EQ(ids.id_of(kind_number(0), 0), 0xffff) << "0 is left out";
  EXPECT_EQ(ids.id_of(kind_number(1), 0), 1) << "and what is taken";
  EXPECT_EQ(ids.id_of(kind_number(2), 0), 0x8000);
  EXPECT_EQ(ids.find(IpFamily::v4, 0, 0), std::nullopt);
  EXPECT_EQ(ids.find(IpFamily::v4, 0xffff, 7), (EchoSlot{kind_number(0), 0, 7}));
}

TEST(EchoIds, MoreChannelsThanThePoolHasRoomForAreCut) {
  SeededRandom random(1);
  EXPECT_EQ(EchoIds(60000, random).channels(), EchoIds::kMaxIds / kEchoChannelKinds);
  EXPECT_EQ(EchoIds(0, random).find(IpFamily::v4, 1, 1), std::nullopt);
}

}  // namespace
}  // namespace oneping
