// Sends one echo request into the link.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "probe/tool.h"
#include "wire/icmp.h"

namespace oneping::probe {

struct EchoProbe {
  IpAddress source;
  IpAddress destination;  // of the same family
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  bool dont_fragment = false;  // IPv4 only
};

// Why a probe did not leave.
struct Refusal {
  DropReason reason;
  std::size_t mtu = 0;  // the largest packet that the link takes, for too_big

  // Whether it is worth trying again in a moment.
  [[nodiscard]] bool passes_soon() const;
  // As the system would say it: "Network is down".
  [[nodiscard]] std::string_view text() const;
};

// Nothing if it was sent.
[[nodiscard]] std::optional<Refusal> send_echo(ToolHost& host, const EchoProbe& probe,
                                               EchoIdentity identity, Bytes payload, Time now);

}  // namespace oneping::probe
