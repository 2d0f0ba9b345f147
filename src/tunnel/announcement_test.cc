#include "tunnel/announcement.h"

#include <gtest/gtest.h>

#include "tunnel/registration.h"

namespace oneping::tunnel {
namespace {

TEST(Announcement, ReadsWhatWasWritten) {
  const Announcement all{.connections = 4,
                         .icmp_v4 = IcmpAnnouncement{},
                         .icmp_v6 = IcmpAnnouncement{"ping_group_range is \"1 0\""},
                         .large_packets = true,
                         .udp = UdpCarriage::packets};
  EXPECT_EQ(read_announcement(to_features(all)), all);
  EXPECT_EQ(read_announcement(to_features({})), Announcement{});
  EXPECT_EQ(to_features(all).at(0), "oneping_connections=4");
  EXPECT_EQ(to_features(all).at(1), "oneping_icmp_v4=available");
  EXPECT_EQ(to_features(all).at(3), "oneping_large_packets");
  EXPECT_EQ(to_features(all).at(2), "oneping_icmp_v6=unavailable:ping_group_range is \"1 0\"");
  EXPECT_EQ(to_features(all).at(4), "oneping_udp=packets");
  for (const auto carriage : {UdpCarriage::off, UdpCarriage::sessions, UdpCarriage::packets}) {
    EXPECT_EQ(read_announcement(to_features({.udp = carriage})).udp, carriage);
  }
}

TEST(Announcement, AReasonIsCutAndCleanedToWhatTheEdgeTakes) {
  const std::string reason = "line\nbreak\x7f\xc3\xa9" + std::string(500, 'x');
  const auto features = to_features({.icmp_v4 = IcmpAnnouncement{reason}});
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features[0].size(), kMaxNameSize);
  const auto read = read_announcement(features);
  ASSERT_TRUE(read.icmp_v4 && read.icmp_v4->unavailable);
  EXPECT_EQ(read.icmp_v4->unavailable->substr(0, 14), "line?break???x");
}

TEST(Announcement, NonsenseSaysNothing) {
  for (const char* feature :
       {"oneping_connections=", "oneping_connections=0", "oneping_connections=17",
        "oneping_connections=256", "oneping_connections=-1", "oneping_connections=4 ",
        "oneping_connections=four", "oneping_icmp_v4=", "oneping_icmp_v4=yes",
        "oneping_icmp_v6=unavailable", "Oneping_connections=4", "oneping_udp=", "oneping_udp=yes",
        "support_datagram_v2", ""}) {
    EXPECT_EQ(read_announcement({feature}), Announcement{}) << feature;
  }
}

}  // namespace
}  // namespace oneping::tunnel
