#include "quic/round_trip.h"

#include <gtest/gtest.h>

namespace oneping::quic {
namespace {

using namespace std::chrono_literals;

// As QUIC smooths it.
class Quic {
 public:
  Duration on_sample(Duration sample) {
    smoothed_ = smoothed_ ? (*smoothed_ * 7 + sample) / 8 : sample;
    return *smoothed_;
  }

 private:
  std::optional<Duration> smoothed_;
};

TEST(RoundTrip, HandshakeDoesNotCount) {
  Quic quic;
  RoundTrip round_trip;
  for (const Duration sample : {50ms, 60ms}) round_trip.observe(quic.on_sample(sample));
  round_trip.begin();
  EXPECT_FALSE(round_trip.smoothed());
  round_trip.observe(quic.on_sample(2ms));
  EXPECT_NEAR(static_cast<double>(round_trip.smoothed()->count()), 2e6, 100);
  round_trip.observe(quic.on_sample(10ms));
  EXPECT_NEAR(static_cast<double>(round_trip.smoothed()->count()), 3e6, 100);
}

TEST(RoundTrip, PacketsWithoutASampleChangeNothing) {
  Quic quic;
  RoundTrip round_trip;
  const Duration smoothed = quic.on_sample(50ms);
  round_trip.observe(smoothed);
  round_trip.begin();
  round_trip.observe(smoothed);
  EXPECT_FALSE(round_trip.smoothed());
}

TEST(RoundTrip, NewPathBeginsAnew) {
  Quic quic;
  RoundTrip round_trip;
  round_trip.observe(quic.on_sample(50ms));
  round_trip.begin();
  round_trip.observe(quic.on_sample(40ms));
  round_trip.observe(std::nullopt);
  EXPECT_FALSE(round_trip.smoothed());
  Quic after;
  round_trip.observe(after.on_sample(1ms));
  EXPECT_EQ(round_trip.smoothed(), 1ms);
}

TEST(RoundTrip, FollowsForALongTime) {
  Quic quic;
  RoundTrip round_trip;
  round_trip.observe(quic.on_sample(100ms));
  round_trip.begin();
  for (int i = 0; i < 10'000; ++i) round_trip.observe(quic.on_sample(i % 2 == 0 ? 1ms : 3ms));
  EXPECT_NEAR(static_cast<double>(round_trip.smoothed()->count()), 2e6, 2e5);
}

}  // namespace
}  // namespace oneping::quic
