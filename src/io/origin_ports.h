// Which local port a UDP socket gets. The system's range of such ports (ip_local_port_range) is
// for everybody on this host, so only half of it is taken; then come ports outside of it, at
// random, that are not reserved, and at last more of the range.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"

namespace oneping {

struct LocalPorts {
  std::uint16_t first = 32768;  // the range, both ends included
  std::uint16_t last = 60999;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> reserved;  // ranges, both ends included
  std::uint16_t least = 1024;                                     // those below need a privilege

  // As the system has it now; what cannot be read is as above.
  [[nodiscard]] static LocalPorts read();
};

class OriginPorts {
 public:
  OriginPorts(LocalPorts ports, Random& random) : ports_(std::move(ports)), random_(random) {}

  // Whether the system should choose, when so many sockets of the family are open.
  [[nodiscard]] bool is_systems_choice(std::size_t open) const {
    return open < static_cast<std::size_t>(ports_.last - ports_.first + 1) / 2;
  }
  // A port outside of the system's range; nothing if there is none.
  [[nodiscard]] std::optional<std::uint16_t> choose() const;

 private:
  [[nodiscard]] bool is_outside(std::uint16_t port) const;

  LocalPorts ports_;
  Random& random_;
};

}  // namespace oneping
