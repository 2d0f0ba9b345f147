#include "probe/udp_check.h"

#include <gtest/gtest.h>

#include "probe/testing/simulated_path.h"
#include "wire/udp.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::ByteVector;

struct Family {
  const char* source;
  const char* destination;
  const char* router;
};
constexpr Family kFamilies[] = {{"10.99.1.1", "10.99.3.2", "10.99.2.2"},
                                {"fd00:99:1::1", "fd00:99:3::2", "fd00:99:2::2"}};

class UdpCheckTest : public ::testing::TestWithParam<Family> {
 protected:
  UdpCheck& start(std::uint16_t port) {
    check.emplace(address(GetParam().source), SocketAddress{address(GetParam().destination), port},
                  simulation.host());
    check->start(simulation.now);
    return *check;
  }
  [[nodiscard]] const ByteVector& last_sent() const { return simulation.path.sent().back(); }
  [[nodiscard]] UdpView last_udp() const { return *UdpView::parse(*IpView::parse(last_sent())); }

  // A datagram back, from a port and to one.
  void answer(std::uint16_t from, std::uint16_t to) {
    auto packet = make_udp(
        pool,
        {.source = address(GetParam().destination), .destination = address(GetParam().source)},
        {.source = from, .destination = to}, {});
    check->on_packet(std::as_const(*packet).bytes(), simulation.now);
  }
  void refuse(const char* who, int code_v4, int code_v6) {
    const bool v4 = address(who).is_v4();
    check->on_packet(test::PacketBuilder(who, GetParam().source)
                         .icmp(v4 ? 3 : 1, v4 ? code_v4 : code_v6, 0, last_sent())
                         .build(),
                     simulation.now);
  }

  Simulation simulation{{{.addresses = {"10.99.1.2"}, .silent = true}}, 1};
  PacketPool pool;
  std::optional<UdpCheck> check;
};

TEST_P(UdpCheckTest, AnAnswerIsAnAnswer) {
  start(514);
  const std::uint16_t own = last_udp().ports.source;
  answer(515, own);
  answer(514, static_cast<std::uint16_t>(own + 1));
  EXPECT_FALSE(check->is_done()) << "of another port";
  answer(514, own);
  EXPECT_TRUE(check->is_done());
  EXPECT_EQ(check->outcome(), UdpCheck::Outcome::answered);
}

TEST_P(UdpCheckTest, TheHostSaysThatNobodyListens) {
  start(514);
  refuse(GetParam().destination, 3, 4);
  EXPECT_EQ(check->outcome(), UdpCheck::Outcome::refused);
}

TEST_P(UdpCheckTest, ARouterDoesNotLetItPass) {
  start(514);
  refuse(GetParam().router, 13, 1);
  EXPECT_EQ(check->outcome(), UdpCheck::Outcome::unreachable);
  EXPECT_NE(check->detail().find(GetParam().router), std::string::npos);
}

TEST_P(UdpCheckTest, SilenceIsWaitedForAndIsNoRefusal) {
  start(514);
  Time now = simulation.now;
  while (!check->is_done()) {
    now = check->next_time();
    ASSERT_NE(now, kNever);
    check->on_time(now);
  }
  EXPECT_EQ(check->outcome(), UdpCheck::Outcome::silent);
  EXPECT_EQ(simulation.path.sent().size(), 3u);
  EXPECT_EQ(now - simulation.now, 3 * UdpCheck::kInterval);
  EXPECT_EQ(check->next_time(), kNever);
}

TEST_P(UdpCheckTest, ServersAreAskedWhatTheyAnswer) {
  start(53);
  EXPECT_EQ(last_udp().payload.size(), 17u);
  start(123);
  EXPECT_EQ(last_udp().payload.size(), 48u);
  start(514);
  EXPECT_EQ(last_udp().payload.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Both, UdpCheckTest, ::testing::ValuesIn(kFamilies));

}  // namespace
}  // namespace oneping::probe
