#include "quic/packet_runs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace oneping::quic {
namespace {

struct Run {
  Path path;
  std::vector<std::uint8_t> bytes;
  std::size_t segment_size;
};

class FakeSender final : public UdpSender {
 public:
  void send(const Path& path, Bytes bytes, std::size_t segment_size) override {
    runs.push_back({path, {bytes.begin(), bytes.end()}, segment_size});
  }
  std::vector<Run> runs;
};

Path path_to(std::uint16_t port) { return {{}, {IpAddress::v4(1), port}}; }

void put(PacketRuns& runs, const Path& path, std::size_t size, std::uint8_t fill) {
  std::ranges::fill(runs.space().first(size), fill);
  runs.commit(path, size);
}

TEST(PacketRuns, EqualSizesAndAShorterLastOneAreOneRun) {
  PacketRuns runs;
  FakeSender sender;
  runs.start(sender);
  for (int i = 0; i < 5; ++i) put(runs, path_to(1), 1200, 1);
  put(runs, path_to(1), 700, 2);
  put(runs, path_to(1), 700, 3);
  runs.finish();
  ASSERT_EQ(sender.runs.size(), 2u);
  EXPECT_EQ(sender.runs[0].bytes.size(), 5u * 1200 + 700);
  EXPECT_EQ(sender.runs[0].segment_size, 1200u);
  EXPECT_EQ(sender.runs[1].bytes.size(), 700u);
}

RC_GTEST_PROP(PacketRuns, EveryPacketLeavesOnceInOrderAndRunsAreLawful, ()) {
  PacketRuns runs;
  FakeSender sender;
  struct Sent {
    Path path;
    std::size_t size;
    std::uint8_t fill;
  };
  std::vector<Sent> sent;
  for (int flushes = 0; flushes < 2; ++flushes) {
    runs.start(sender);
    const int count = *rc::gen::inRange(0, 300);
    for (int i = 0; i < count; ++i) {
      const auto size = *rc::gen::element<std::size_t>(1, 50, 1200, 1200, 1200, 1444, 1452);
      const Sent packet{path_to(*rc::gen::element<std::uint16_t>(1, 1, 1, 2)), size,
                        static_cast<std::uint8_t>(i)};
      put(runs, packet.path, packet.size, packet.fill);
      sent.push_back(packet);
    }
    runs.finish();
  }
  std::size_t next = 0;
  for (const Run& run : sender.runs) {
    RC_ASSERT(run.bytes.size() <= 65000u);
    RC_ASSERT((run.bytes.size() + run.segment_size - 1) / run.segment_size <= 64u);
    for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
      const Bytes packet =
          Bytes(run.bytes).subspan(at).first(std::min(run.segment_size, run.bytes.size() - at));
      RC_ASSERT(next < sent.size());
      RC_ASSERT(packet.size() == sent[next].size);
      RC_ASSERT(run.path == sent[next].path);
      RC_ASSERT(std::ranges::all_of(packet, [&](auto b) { return b == sent[next].fill; }));
      ++next;
    }
  }
  RC_ASSERT(next == sent.size());
}

}  // namespace
}  // namespace oneping::quic
