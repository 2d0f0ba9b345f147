#include "edge/identity.h"

#include <gtest/gtest.h>

namespace oneping::edge {
namespace {

quic::KeyPin key(std::uint8_t number) { return {number}; }

std::shared_ptr<const Identity> identity(DeviceId id, const char* name,
                                         std::optional<quic::KeyPin> key_pin,
                                         bool revoked = false) {
  Identity made;
  made.id = id;
  made.device = name;
  made.key_pin = key_pin;
  made.revoked = revoked;
  return std::make_shared<const Identity>(made);
}

TEST(IdentitiesTest, AreFoundByDeviceAndByKey) {
  Identities all;
  all.set(identity(1, "laptop", key(7)));
  all.set(identity(2, "tun", std::nullopt));
  EXPECT_EQ(all.size(), 2u);
  EXPECT_EQ(all.at(1)->device, "laptop");
  EXPECT_EQ(all.find(2)->second->device, "tun");
  ASSERT_TRUE(all.find(key(7)));
  EXPECT_EQ(all.find(key(7))->id, 1);
  EXPECT_FALSE(all.find(key(8)));
  EXPECT_FALSE(all.find(quic::KeyPin{})) << "no key is not a key of zeros";
}

TEST(IdentitiesTest, AKeyGoesWithItsDevice) {
  Identities all;
  all.set(identity(1, "laptop", key(7)));
  all.set(identity(1, "laptop", key(8)));
  EXPECT_FALSE(all.find(key(7))) << "it has another one now";
  EXPECT_TRUE(all.find(key(8)));
  all.erase(1);
  EXPECT_FALSE(all.find(key(8)));
  EXPECT_EQ(all.size(), 0u);
  all.erase(1);  // no matter
}

TEST(IdentitiesTest, OfSeveralWithOneKeyTheOneThatIsNotRevokedCountsElseTheLatest) {
  Identities all;
  all.set(identity(3, "latest", key(7), true));
  all.set(identity(1, "first", key(7), true));
  EXPECT_EQ(all.find(key(7))->id, 3);
  all.set(identity(2, "good", key(7)));
  EXPECT_EQ(all.find(key(7))->id, 2);
  all.set(identity(3, "renamed", key(7), true));
  EXPECT_EQ(all.find(key(7))->id, 2);
  all.erase(2);
  EXPECT_EQ(all.find(key(7))->device, "renamed");
}

}  // namespace
}  // namespace oneping::edge
