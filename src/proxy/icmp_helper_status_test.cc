// Every status with its ICMP message. The table is written out, for there is no system to ask.
#include "proxy/icmp_helper_status.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace oneping {
namespace {

using Kind = IcmpStatusMeaning::Kind;

struct Row {
  std::uint32_t status;
  Kind v4;
  std::uint8_t v4_type, v4_code;
  Kind v6;
  std::uint8_t v6_type, v6_code;
};

constexpr Row kRows[] = {
    {0, Kind::reply, 0, 0, Kind::reply, 0, 0},
    {11001, Kind::failure, 0, 0, Kind::failure, 0, 0},    // buffer too small
    {11002, Kind::error, 3, 0, Kind::error, 1, 0},        // network; no route
    {11003, Kind::error, 3, 1, Kind::error, 1, 3},        // host; address
    {11004, Kind::error, 3, 2, Kind::error, 1, 1},        // protocol; prohibited
    {11005, Kind::error, 3, 3, Kind::error, 1, 4},        // port
    {11006, Kind::failure, 0, 0, Kind::failure, 0, 0},    // no resources
    {11007, Kind::failure, 0, 0, Kind::failure, 0, 0},    // bad option
    {11008, Kind::failure, 0, 0, Kind::failure, 0, 0},    // hardware
    {11009, Kind::error, 3, 4, Kind::error, 2, 0},        // too big
    {11010, Kind::silence, 0, 0, Kind::silence, 0, 0},    // timed out
    {11011, Kind::failure, 0, 0, Kind::failure, 0, 0},    // bad request
    {11012, Kind::error, 3, 5, Kind::failure, 0, 0},      // bad route
    {11013, Kind::error, 11, 0, Kind::error, 3, 0},       // hop limit
    {11014, Kind::error, 11, 1, Kind::error, 3, 1},       // reassembly
    {11015, Kind::error, 12, 0, Kind::error, 4, 0},       // parameter
    {11016, Kind::forbidden, 0, 0, Kind::failure, 0, 0},  // source quench
    {11017, Kind::failure, 0, 0, Kind::failure, 0, 0},    // option too big
    {11018, Kind::failure, 0, 0, Kind::failure, 0, 0},    // bad destination
    {11040, Kind::failure, 0, 0, Kind::error, 1, 0},      // unreachable
    {11041, Kind::failure, 0, 0, Kind::error, 3, 0},      // time exceeded
    {11042, Kind::failure, 0, 0, Kind::error, 4, 0},      // bad header
    {11043, Kind::failure, 0, 0, Kind::error, 4, 1},      // next header
    {11044, Kind::failure, 0, 0, Kind::forbidden, 0, 0},  // "an ICMP error"
    {11045, Kind::failure, 0, 0, Kind::error, 1, 2},      // scope
    {11050, Kind::failure, 0, 0, Kind::failure, 0, 0},    // general failure
    {5, Kind::failure, 0, 0, Kind::failure, 0, 0},        // access denied
    {87, Kind::failure, 0, 0, Kind::failure, 0, 0},       // invalid parameter
};

TEST(IcmpHelperStatus, MeansTheMessageOfTheTableInBothFamilies) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.status);
    const auto v4 = meaning_of_icmp_status(IpFamily::v4, row.status);
    EXPECT_EQ(v4.kind, row.v4);
    EXPECT_EQ(v4.type, row.v4_type);
    EXPECT_EQ(v4.code, row.v4_code);
    EXPECT_EQ(v4.parameter, 0u);
    const auto v6 = meaning_of_icmp_status(IpFamily::v6, row.status);
    EXPECT_EQ(v6.kind, row.v6);
    EXPECT_EQ(v6.type, row.v6_type);
    EXPECT_EQ(v6.code, row.v6_code);
    EXPECT_EQ(v6.parameter, row.status == 11009 ? kIpv6MinMtu : 0u);
  }
}

TEST(IcmpHelperStatus, WhatIsNotInTheTableIsNeverMadeAnError) {
  for (std::uint32_t status = 1; status < 12000; ++status) {
    if (std::ranges::find(kRows, status, &Row::status) != std::end(kRows)) continue;
    EXPECT_EQ(meaning_of_icmp_status(IpFamily::v4, status).kind, Kind::failure) << status;
    EXPECT_EQ(meaning_of_icmp_status(IpFamily::v6, status).kind, Kind::failure) << status;
  }
}

TEST(IcmpHelperStatus, EveryRefusalHasAReason) {
  const struct {
    std::uint32_t error;
    DropReason reason;
  } kRefusals[] = {
      {5, DropReason::send_failed},         {8, DropReason::no_buffer},
      {87, DropReason::send_failed},        {1231, DropReason::no_route},
      {1232, DropReason::host_unreachable}, {1450, DropReason::no_buffer},
      {10051, DropReason::no_route},        {10065, DropReason::host_unreachable},
      {11002, DropReason::no_route},        {11003, DropReason::host_unreachable},
      {11006, DropReason::no_buffer},       {11009, DropReason::too_big},
      {11010, DropReason::send_failed},     {11050, DropReason::send_failed},
  };
  for (const auto& [error, reason] : kRefusals) {
    EXPECT_EQ(refusal_for_icmp_error(IpFamily::v4, error), reason) << error;
    EXPECT_EQ(refusal_for_icmp_error(IpFamily::v6, error), reason) << error;
  }
}

}  // namespace
}  // namespace oneping
