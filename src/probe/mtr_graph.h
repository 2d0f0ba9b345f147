// mtr's graph: each probe of a hop as one character.
#pragma once

#include <array>
#include <string>

#include "probe/mtr_path.h"

namespace oneping::probe {

// Eight steps between the shortest and the longest time on the screen, finer at the short end.
class MtrGraph {
 public:
  explicit MtrGraph(const MtrPath& path);

  // The last `columns` probes of a hop: '?' lost, ' ' not sent, a step's character otherwise.
  [[nodiscard]] std::string steps(const ProbeHistory& history, std::size_t columns) const;
  // '.' answered, '>' slower than nearly all, '?' lost.
  [[nodiscard]] std::string dots(const ProbeHistory& history, std::size_t columns) const;
  // "  .:0 ms  1:2 ms …  >".
  [[nodiscard]] std::string legend() const;

 private:
  static constexpr std::array kSteps = {'.', '1', '2', '3', 'a', 'b', 'c', '>'};

  [[nodiscard]] char step(int time) const;

  std::array<int, kSteps.size()> scale_{};
};

}  // namespace oneping::probe
