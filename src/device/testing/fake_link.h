// For tests: a link that remembers what it was given.
#pragma once

#include <chrono>
#include <vector>

#include "forward/link.h"

namespace oneping::device::testing {

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;

class FakeLink final : public Link {
 public:
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time) override {
    if (refuses) return refuses;
    const Packet taken = std::move(packet);
    sent.emplace_back(taken.bytes().begin(), taken.bytes().end());
    return std::nullopt;
  }
  [[nodiscard]] std::size_t max_packet_size() const override { return mtu; }

  std::vector<Octets> sent;
  std::optional<DropReason> refuses;
  std::size_t mtu = 1500;
};

}  // namespace oneping::device::testing
