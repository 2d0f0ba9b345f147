// The columns of mtr: one letter each, in the order that -o names them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "probe/hop_statistics.h"

namespace oneping::probe {

struct MtrField {
  enum class Kind : std::uint8_t {
    space,    // between others
    count,    // a whole number
    percent,  // of thousandths
    time,     // of microseconds, in milliseconds
  };
  char letter;
  std::string_view title;
  Kind kind;
  std::size_t width;  // with the space in front
  int (*value)(const HopStatistics& hop);

  // The value as wide as the column, or wider.
  [[nodiscard]] std::string text(const HopStatistics& hop) const;
};

// "LS NABWV".
[[nodiscard]] std::vector<MtrField> default_mtr_fields();
// "DR AGJMXI": what the key j shows instead.
[[nodiscard]] std::vector<MtrField> jitter_mtr_fields();
// Fails on a letter that is no field's.
[[nodiscard]] Result<std::vector<MtrField>> parse_mtr_fields(std::string_view letters);

// A line of columns. What is wider than its column is cut by the next one, as in mtr.
[[nodiscard]] std::string mtr_titles(const std::vector<MtrField>& fields);
[[nodiscard]] std::string mtr_values(const std::vector<MtrField>& fields, const HopStatistics& hop);

}  // namespace oneping::probe
