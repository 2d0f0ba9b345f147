// What came back: an echo reply, or an ICMP error about an echo request, read out of the packet. It
// is not yet known whether anybody asked for it: that is probe_table.h's business.
#pragma once

#include <cstdint>
#include <optional>

#include "wire/icmp.h"

namespace oneping::probe {

struct Answer {
  enum class Kind : std::uint8_t { reply, error };

  Kind kind;
  IpFamily family;
  IpAddress from;           // who answered
  IpAddress asker;          // whose request it answers
  IpAddress destination;    // of that request; for a reply `from`
  EchoIdentity identity;    // of that request
  std::uint8_t hop_limit;   // as it arrived
  std::uint8_t type, code;  // ICMP's
  std::uint32_t info;       // an error's MTU or pointer, otherwise 0
  Bytes payload;            // a reply's data; refers to the packet

  [[nodiscard]] bool is_reply() const { return kind == Kind::reply; }
  [[nodiscard]] bool is_hop_limit_exceeded() const;
  // The MTU that a Fragmentation Needed or Packet Too Big names; 0 if a router did not know it.
  [[nodiscard]] std::optional<std::uint32_t> mtu() const;
};

// Nothing for whatever else it is, sound or not.
[[nodiscard]] std::optional<Answer> read_answer(Bytes packet);

}  // namespace oneping::probe
