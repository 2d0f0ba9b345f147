#include "probe/names.h"

#include <gtest/gtest.h>

#include <vector>

namespace oneping::probe {
namespace {

struct Asked final : NameSource {
  void ask(const IpAddress& address) override { addresses.push_back(address); }
  std::vector<IpAddress> addresses;
};

const IpAddress kHost = IpAddress::v4(0x0a000001);

TEST(NamesTest, AnAddressIsAskedForOnce) {
  Asked source;
  NameBook names(source, Naming::names);
  EXPECT_EQ(names.find(kHost), std::nullopt);
  EXPECT_EQ(names.find(kHost), std::nullopt);
  EXPECT_EQ(source.addresses.size(), 1u);
  names.on_name(kHost, "db.example");
  EXPECT_EQ(names.find(kHost), "db.example");
  EXPECT_EQ(source.addresses.size(), 1u);
}

TEST(NamesTest, NobodyIsAskedWhenNamesAreNotWanted) {
  Asked source;
  NameBook names(source, Naming::numeric);
  EXPECT_EQ(names.find(kHost), "");
  EXPECT_TRUE(source.addresses.empty());
}

TEST(NamesTest, AfterWaitingOnlyKnownNamesAreGiven) {
  Asked source;
  NameBook names(source, Naming::names);
  static_cast<void>(names.find(kHost));
  names.stop_waiting();
  EXPECT_EQ(names.find(kHost), "");
  EXPECT_EQ(names.find(IpAddress::v4(0x0a000002)), "");
  names.on_name(kHost, "db.example");
  EXPECT_EQ(names.find(kHost), "db.example");
  EXPECT_EQ(source.addresses.size(), 1u);
}

TEST(NamesTest, AnAnswerThatNobodyAskedForIsIgnored) {
  Asked source;
  NameBook names(source, Naming::names);
  names.on_name(kHost, "liar.example");
  EXPECT_EQ(names.find(kHost), std::nullopt);
}

TEST(NamesTest, ThereIsABound) {
  Asked source;
  NameBook names(source, Naming::names);
  for (std::uint32_t i = 0; i < NameBook::kMaxNames + 10; ++i) {
    static_cast<void>(names.find(IpAddress::v4(i)));
  }
  EXPECT_EQ(source.addresses.size(), NameBook::kMaxNames);
  EXPECT_EQ(names.find(IpAddress::v4(0xffffff00)), "");
}

}  // namespace
}  // namespace oneping::probe
