#include "proxy/sent_probes.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

SocketAddress at(const char* text) { return *SocketAddress::parse(text); }

const SocketAddress kClient = at("100.96.0.1:40000");
const SocketAddress kOther = at("100.96.0.2:40000");
const SocketAddress kRemote = at("10.20.30.40:33434");

std::vector<std::uint8_t> payload(std::uint16_t number, std::size_t size = 40) {
  std::vector<std::uint8_t> bytes(size, 7);
  store_be16(bytes.data(), number);
  return bytes;
}

class SentProbesTest : public ::testing::Test {
 protected:
  void send(std::uint16_t number, std::uint8_t hop_limit = 3,
            const SocketAddress& client = kClient) {
    const auto bytes = payload(number);
    probes.add(client, kRemote, {.checksum = number, .payload_size = 40, .hop_limit = hop_limit},
               bytes);
  }
  int found(Bytes quoted, const SocketAddress& client = kClient,
            const SocketAddress& remote = kRemote) {
    const auto* probe = probes.find(client, remote, quoted);
    return probe == nullptr ? -1 : probe->sent.checksum;
  }

  SentProbes probes;
};

TEST_F(SentProbesTest, TheOneThatIsQuoted) {
  for (std::uint16_t i = 1; i <= 30; ++i) send(i);
  send(5, 3, kOther);
  for (std::uint16_t i = 1; i <= 30; ++i) {
    EXPECT_EQ(found(payload(i)), i);
    EXPECT_EQ(found(payload(i, 2)), i) << "two bytes tell them apart";
  }
  EXPECT_EQ(found(payload(5), kOther), 5);
  EXPECT_EQ(found(payload(6), kOther), -1);
  EXPECT_EQ(found(payload(5), kClient, at("10.20.30.40:33435")), -1);
  EXPECT_EQ(found(payload(31)), -1);
}

TEST_F(SentProbesTest, NothingQuotedOrMoreThanWasSentIsNoneOfThem) {
  send(1);
  EXPECT_EQ(found({}), -1);
  EXPECT_EQ(found(payload(1, 40)), 1);
  EXPECT_EQ(found(payload(1, 41)), -1);
}

TEST_F(SentProbesTest, OfTwoAlikeTheNewest) {
  const auto bytes = payload(9);
  probes.add(kClient, kRemote, {.checksum = 1, .payload_size = 40, .hop_limit = 3}, bytes);
  probes.add(kClient, kRemote, {.checksum = 2, .payload_size = 40, .hop_limit = 4}, bytes);
  EXPECT_EQ(found(bytes), 2);
}

TEST_F(SentProbesTest, WhatGoesFarIsNoProbe) {
  send(1, SentProbes::kMaxHopLimit);
  send(2, SentProbes::kMaxHopLimit + 1);
  EXPECT_EQ(found(payload(1)), 1);
  EXPECT_EQ(found(payload(2)), -1);
}

TEST_F(SentProbesTest, TheOldestMakeRoom) {
  for (std::uint16_t i = 0; i < 3 * SentProbes::kCapacity; ++i) send(i);
  EXPECT_EQ(found(payload(2 * SentProbes::kCapacity - 1)), -1);
  for (std::uint16_t i = 2 * SentProbes::kCapacity; i < 3 * SentProbes::kCapacity; ++i) {
    ASSERT_EQ(found(payload(i)), i);
  }
}

}  // namespace
}  // namespace oneping
