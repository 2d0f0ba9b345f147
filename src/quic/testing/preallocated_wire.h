// For tests of what must not allocate: the packets of a flush, kept in memory that is there from
// the start, and brought to the other end.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "quic/endpoint.h"

namespace oneping::quic::testing {

class PreallocatedWire final : public UdpSender {
 public:
  void send(const Path& path, Bytes run, std::size_t segment_size) override {
    ASSERT_LT(count_, runs_.size());
    Run& kept = runs_[count_++];
    kept.path = path;
    kept.size = run.size();
    kept.segment_size = segment_size;
    std::ranges::copy(run, kept.bytes.begin());
  }
  void deliver(Endpoint& to, Time now) {
    for (std::size_t i = 0; i < count_; ++i) {
      const Run& run = runs_[i];
      to.on_packets({run.path.remote, run.path.local}, Bytes(run.bytes).first(run.size),
                    run.segment_size, now);
    }
    count_ = 0;
  }

 private:
  struct Run {
    Path path;
    std::size_t size = 0;
    std::size_t segment_size = 0;
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(65536);
  };
  std::vector<Run> runs_ = std::vector<Run>(128);
  std::size_t count_ = 0;
};

}  // namespace oneping::quic::testing
