#include "admin/table.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "admin/display_text.h"

namespace oneping::admin {

namespace {

constexpr std::size_t kGap = 2;

// ECMA-48, 8.3.117 (SGR).
const char* sequence_for(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::good: return "\x1b[32m";
    case Tone::doubtful: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
  }
  return "";
}

std::string painted(const std::string& text, Tone tone, Colour colour) {
  if (colour == Colour::no || tone == Tone::plain) return text;
  return sequence_for(tone) + text + "\x1b[0m";
}

}  // namespace

Colour colour_of_stdout() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  const bool wanted = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return wanted && ::isatty(STDOUT_FILENO) == 1 ? Colour::yes : Colour::no;
}

void Table::add_column(const std::string& heading, Align align) {
  if (rows_.empty()) rows_.emplace_back();
  std::string upper = heading;
  for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  rows_.front().emplace_back(upper);
  aligns_.push_back(align);
}

void Table::add_row(std::vector<Cell> row) {
  for (auto& cell : row) cell.text = printable(cell.text);
  if (aligns_.size() < row.size()) aligns_.resize(row.size(), Align::left);
  rows_.push_back(std::move(row));
}

std::string Table::to_string(Colour colour, std::size_t indent) const {
  std::vector<std::size_t> widths(aligns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::size_t blanks = indent;  // due before the next text, so that no line ends with them
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t missing = widths[i] - display_width(row[i].text);
      if (aligns_[i] == Align::right) blanks += missing;
      if (!row[i].text.empty()) {
        text += std::string(blanks, ' ') + painted(row[i].text, row[i].tone, colour);
        blanks = 0;
      }
      if (aligns_[i] == Align::left) blanks += missing;
      blanks += kGap;
    }
    text += '\n';
  }
  return text;
}

}  // namespace oneping::admin
