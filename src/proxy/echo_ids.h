// The ids that echo requests have on the wire where no kernel hands them out (Darwin): one for each
// channel, taken from the pool of all ids by chance, so that who cannot guess it cannot forge
// replies. An id and a sequence number are a slot; whether the destination that answers is the one
// that was asked, the proxy looks up there. Other programs of the host know nothing of our pool:
// one that has chosen the same id gets our replies beside its own, and we get its.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "proxy/echo_backend.h"

namespace oneping {

class EchoIds {
 public:
  // All different, and none 0. `channels` of each kind; all kinds together at most kMaxIds.
  static constexpr std::size_t kMaxIds = 1024;
  EchoIds(std::uint16_t channels, Random& random);

  [[nodiscard]] std::uint16_t channels() const { return channels_; }
  // The channel must be below channels().
  [[nodiscard]] std::uint16_t id_of(EchoChannelKind kind, std::uint16_t channel) const;
  // The slot of a message with this id and sequence; nothing if the id is none of the family's.
  [[nodiscard]] std::optional<EchoSlot> find(IpFamily family, std::uint16_t id,
                                             std::uint16_t sequence) const;

 private:
  struct Owner {
    std::uint16_t id;
    EchoChannelKind kind;
    std::uint16_t channel;
  };
  std::uint16_t channels_;
  std::vector<std::uint16_t> ids_;  // by kind and channel
  std::vector<Owner> owners_;       // by id
};

}  // namespace oneping
