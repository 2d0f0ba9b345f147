// Which ports a policy rule speaks of, however many ranges it gives, in whatever order.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace oneping {

// Ports, both ends included. Without any when `last` is before `first`.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

class PortSet {
 public:
  PortSet() = default;
  explicit PortSet(std::vector<PortRange> ranges);

  [[nodiscard]] bool contains(std::uint16_t port) const;

 private:
  std::vector<PortRange> ranges_;  // sorted; none touches another
};

}  // namespace oneping
