// mtr's live screen as text: the lines of a terminal, with the few escape sequences that any
// terminal knows. Nothing here reads a terminal or writes to one.
#pragma once

#include <cstdint>
#include <string>

#include "probe/mtr_path.h"
#include "probe/names.h"

namespace oneping::probe {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

enum class MtrScreenMode : std::uint8_t {
  columns,  // statistics
  dots,     // a mark for each of the last probes: answered, slow, lost
  scale,    // the same, with the time as one of a few characters
};

// What the user sees and has chosen by keys.
struct MtrScreenState {
  MtrScreenMode mode = MtrScreenMode::columns;
  bool jitter_fields = false;
  bool help = false;
  bool is_paused = false;
  std::size_t scroll = 0;  // hops left out at the top
};

// The whole screen, from its top left corner. `clock` stands in the second line.
[[nodiscard]] std::string mtr_screen(const MtrOptions& options, const MtrPath& path,
                                     NameBook& names, const Legs& legs, const MtrScreenState& state,
                                     ScreenSize size, const std::string& clock);

}  // namespace oneping::probe
