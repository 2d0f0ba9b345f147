// Reply buffers as Windows fills them, byte by byte.
#include "proxy/icmp_helper_reply.h"

#include <gtest/gtest.h>

#include <array>

#include "proxy/testing/fake_icmp_helper.h"

namespace oneping {
namespace {

using testing_support::store_le;

TEST(IcmpHelperReply, TheRecordOfIpv4IsReadWithItsDataAndOptions) {
  std::array<std::uint8_t, 48> buffer{
      10,   77,   3,   2,               // Address
      0xb5, 0x2a, 0,   0,               // Status 10933
      7,    0,    0,   0,               // RoundTripTime
      3,    0,                          // DataSize
      1,    0,                          // Reserved
      0,    0,    0,   0,  0, 0, 0, 0,  // Data: below
      62,   0xb8, 2,   0,               // Options: Ttl, Tos, Flags, OptionsSize
      0,    0,    0,   0,               // a gap
      0,    0,    0,   0,  0, 0, 0, 0,  // OptionsData
      'p',  'o',  'n', 'g'};            // the data begins here, or behind options
  store_le(&buffer[16], reinterpret_cast<std::uintptr_t>(&buffer[41]), 8);
  const IcmpHelperReply reply = read_icmp_helper_reply(IpFamily::v4, buffer, 3);
  EXPECT_EQ(reply.source, *IpAddress::parse("10.77.3.2"));
  EXPECT_EQ(reply.status, 0x2ab5u);
  EXPECT_EQ(reply.hop_limit, 62);
  EXPECT_EQ(reply.traffic_class, 0xb8);
  ASSERT_TRUE(reply.payload.has_value());
  EXPECT_EQ(std::string(reply.payload->begin(), reply.payload->end()), "ong");
}

TEST(IcmpHelperReply, DataOfIpv4OutsideTheBufferIsNoData) {
  std::array<std::uint8_t, 64> around{};
  const MutableBytes buffer = MutableBytes(around).subspan(8, 48);
  const auto with_data = [&](const void* data, std::size_t size) {
    store_le(&buffer[12], size, 2);
    store_le(&buffer[16], reinterpret_cast<std::uintptr_t>(data), 8);
    return read_icmp_helper_reply(IpFamily::v4, buffer, 4).payload;
  };
  EXPECT_TRUE(with_data(&buffer[40], 8).has_value());
  EXPECT_FALSE(with_data(&buffer[40], 9).has_value());
  EXPECT_FALSE(with_data(&buffer[41], 8).has_value());
  EXPECT_FALSE(with_data(&buffer[40], 65535).has_value());
  EXPECT_FALSE(with_data(around.data(), 4).has_value());
  EXPECT_FALSE(with_data(buffer.data() + 48, 1).has_value());
  EXPECT_FALSE(with_data(nullptr, 1).has_value());
  // No data needs no place.
  ASSERT_TRUE(with_data(nullptr, 0).has_value());
  EXPECT_TRUE(with_data(nullptr, 0)->empty());
}

TEST(IcmpHelperReply, TheRecordOfIpv6IsReadAndItsDataIsAsLongAsTheRequests) {
  const std::array<std::uint8_t, 40> buffer{0,    0,             // sin6_port
                                            0,    0,    0,   0,  // sin6_flowinfo
                                            0xfd, 0,    0,   0x77, 0, 0, 0, 0,
                                            0,    0,    0,   0,    0, 0, 0, 9,  // sin6_addr
                                            0,    0,    0,   0,                 // sin6_scope_id
                                            0xee, 0xee,                         // a gap
                                            0x05, 0x2b, 0,   0,                 // Status 11013
                                            1,    0,    0,   0,                 // RoundTripTime
                                            'p',  'o',  'n', 'g'};
  const IcmpHelperReply reply = read_icmp_helper_reply(IpFamily::v6, buffer, 4);
  EXPECT_EQ(reply.source, *IpAddress::parse("fd00:77::9"));
  EXPECT_EQ(reply.status, 11013u);
  EXPECT_EQ(reply.hop_limit, std::nullopt);
  ASSERT_TRUE(reply.payload.has_value());
  EXPECT_EQ(std::string(reply.payload->begin(), reply.payload->end()), "pong");
  EXPECT_FALSE(read_icmp_helper_reply(IpFamily::v6, buffer, 5).payload.has_value());
}

TEST(IcmpHelperReply, BuffersAreNoSmallerThanTheSystemAsksFor) {
  EXPECT_GE(icmp_reply_buffer_size(IpFamily::v4, 100), 40u + 100 + 8 + 16);
  EXPECT_GE(icmp_reply_buffer_size(IpFamily::v6, 100), 36u + 100 + 8 + 16);
}

}  // namespace
}  // namespace oneping
