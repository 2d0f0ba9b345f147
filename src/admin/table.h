// Rows and columns for people: aligned, with a line of headings or without.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oneping::admin {

enum class Tone : std::uint8_t { plain, good, doubtful, bad };

struct Cell {
  Cell(std::string shown, Tone how = Tone::plain) : text(std::move(shown)), tone(how) {}

  std::string text;  // whatever is in it: the table escapes what a terminal must not see
  Tone tone;
};

enum class Align : std::uint8_t { left, right };

enum class Colour : bool { no, yes };
// Yes at a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is "dumb".
[[nodiscard]] Colour colour_of_stdout();

class Table {
 public:
  // Rows come without headings.
  Table() = default;
  // A column more for each call, before the first row.
  void add_column(const std::string& heading, Align align);
  void add_row(std::vector<Cell> row);

  // A line for each row, without blanks at its end; `indent` blanks before it.
  [[nodiscard]] std::string to_string(Colour colour, std::size_t indent = 0) const;

 private:
  std::vector<Align> aligns_;
  std::vector<std::vector<Cell>> rows_;  // the headings first
};

}  // namespace oneping::admin
