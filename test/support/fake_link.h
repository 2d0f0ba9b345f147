// A link with memory: keeps what was sent, or refuses as told.
#pragma once

#include <vector>

#include "forward/link.h"

namespace oneping::test {

class FakeLink final : public Link {
 public:
  std::optional<DropReason> send(Packet& packet, Time) override {
    if (refusal) return refusal;
    sent.push_back(std::move(packet));
    return std::nullopt;
  }
  [[nodiscard]] std::size_t max_packet_size() const override { return mtu; }
  [[nodiscard]] bool takes_fragments() const override { return fragments; }

  std::vector<Packet> sent;
  std::optional<DropReason> refusal;
  std::size_t mtu = 1500;
  bool fragments = true;
};

}  // namespace oneping::test
