// Text that others wrote, as a terminal may show it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oneping::admin {

// The text with whatever would steer the terminal or mislead the reader (control characters,
// changes of the writing direction, invisible ones, broken UTF-8) written as an escape: "\n",
// "\x1b",
// "\u202e".
[[nodiscard]] std::string printable(std::string_view text);

// How many columns of a terminal it takes: two for wide characters, none for combining marks.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace oneping::admin
