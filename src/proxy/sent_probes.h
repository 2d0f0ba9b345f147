// What UDP left here lately with a small hop limit. Several packets of one flow may be under way,
// and an error is about one of them: who keeps both ports and tells his probes apart by checksum or
// payload (mtr with -P and -L, Paris traceroute) waits for a quote of that very one.
//
// A ring: the newest kCapacity. A probe that is not found, because it is older or a router quoted
// too little of it, has to be answered by what is known of its flow.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "proxy/udp_mappings.h"

namespace oneping {

class SentProbes {
 public:
  static constexpr std::size_t kCapacity = 1024;
  // What leaves with more than that is no probe of a path.
  static constexpr std::uint8_t kMaxHopLimit = 32;

  struct Probe {
    SocketAddress client;
    SocketAddress remote;
    UdpSent sent;
    std::uint8_t errors = 0;  // that have come about it
    std::array<std::uint8_t, 32> beginning{};
  };

  SentProbes() { ring_.reserve(kCapacity); }

  void add(const SocketAddress& client, const SocketAddress& remote, const UdpSent& sent,
           Bytes payload);
  // The newest of that flow whose payload begins with what was quoted of it, at least a byte. Null
  // if there is none.
  [[nodiscard]] Probe* find(const SocketAddress& client, const SocketAddress& remote, Bytes quoted);

 private:
  std::vector<Probe> ring_;
  std::size_t next_ = 0;  // the oldest, once the ring is full
};

}  // namespace oneping
