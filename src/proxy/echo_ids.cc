#include "proxy/echo_ids.h"

#include <algorithm>

namespace oneping {

EchoIds::EchoIds(std::uint16_t channels, Random& random)
    : channels_(static_cast<std::uint16_t>(
          std::min<std::size_t>(channels, kMaxIds / kEchoChannelKinds))) {
  while (ids_.size() < channels_ * kEchoChannelKinds) {
    const auto id = static_cast<std::uint16_t>(random.below(65536));
    if (id != 0 && std::ranges::find(ids_, id) == ids_.end()) ids_.push_back(id);
  }
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    owners_.push_back({ids_[i], static_cast<EchoChannelKind>(i / channels_),
                       static_cast<std::uint16_t>(i % channels_)});
  }
  std::ranges::sort(owners_, {}, &Owner::id);
}

std::uint16_t EchoIds::id_of(EchoChannelKind kind, std::uint16_t channel) const {
  return ids_[static_cast<std::size_t>(kind) * channels_ + channel];
}

std::optional<EchoSlot> EchoIds::find(IpFamily family, std::uint16_t id,
                                      std::uint16_t sequence) const {
  const auto owner = std::ranges::lower_bound(owners_, id, {}, &Owner::id);
  if (owner == owners_.end() || owner->id != id || family_of(owner->kind) != family) {
    return std::nullopt;
  }
  return EchoSlot{owner->kind, owner->channel, sequence};
}

}  // namespace oneping
