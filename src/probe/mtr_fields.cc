#include "probe/mtr_fields.h"

#include <array>

#include "probe/format.h"

namespace oneping::probe {

namespace {

using Kind = MtrField::Kind;
using Hop = HopStatistics;

constexpr std::array kFields = {
    MtrField{' ', " ", Kind::space, 1, [](const Hop&) { return 0; }},
    MtrField{'L', "Loss%", Kind::percent, 6, [](const Hop& hop) { return hop.loss(); }},
    MtrField{'D', "Drop", Kind::count, 5, [](const Hop& hop) { return hop.dropped(); }},
    MtrField{'R', "Rcv", Kind::count, 6, [](const Hop& hop) { return hop.received(); }},
    MtrField{'S', "Snt", Kind::count, 6, [](const Hop& hop) { return hop.sent(); }},
    MtrField{'N', "Last", Kind::time, 6, [](const Hop& hop) { return hop.last(); }},
    MtrField{'B', "Best", Kind::time, 6, [](const Hop& hop) { return hop.best(); }},
    MtrField{'A', "Avg", Kind::time, 6, [](const Hop& hop) { return hop.average(); }},
    MtrField{'W', "Wrst", Kind::time, 6, [](const Hop& hop) { return hop.worst(); }},
    MtrField{'V', "StDev", Kind::time, 6, [](const Hop& hop) { return hop.deviation(); }},
    MtrField{'G', "Gmean", Kind::time, 6, [](const Hop& hop) { return hop.geometric_mean(); }},
    MtrField{'J', "Jttr", Kind::time, 5, [](const Hop& hop) { return hop.jitter(); }},
    MtrField{'M', "Javg", Kind::time, 5, [](const Hop& hop) { return hop.average_jitter(); }},
    MtrField{'X', "Jmax", Kind::time, 5, [](const Hop& hop) { return hop.worst_jitter(); }},
    MtrField{'I', "Jint", Kind::time, 5, [](const Hop& hop) { return hop.interarrival_jitter(); }},
};

// Puts a column's text where the column begins.
void put(std::string& line, std::size_t at, const std::string& text) {
  line.resize(at, ' ');
  line += text;
}

}  // namespace

std::string MtrField::text(const HopStatistics& hop) const {
  const int number = value(hop);
  const int columns = static_cast<int>(width) - 1;
  switch (kind) {
    case Kind::space: return " ";
    case Kind::count: return format(" %*d", columns, number);
    case Kind::percent: return format(" %4.1f%%", number / 1000.0);
    case Kind::time: return format(" %*.1f", columns, number / 1000.0);
  }
  return {};
}

std::vector<MtrField> default_mtr_fields() { return parse_mtr_fields("LS NABWV").value(); }

std::vector<MtrField> jitter_mtr_fields() { return parse_mtr_fields("DR AGJMXI").value(); }

Result<std::vector<MtrField>> parse_mtr_fields(std::string_view letters) {
  std::vector<MtrField> fields;
  for (const char letter : letters) {
    if (letter == '_') continue;  // mtr takes it and shows nothing
    const MtrField* found = nullptr;
    for (const auto& field : kFields) {
      if (field.letter == letter) found = &field;
    }
    if (found == nullptr) {
      return fail(std::string("unknown field '") + letter +
                  "': use letters of \"LDRSNBAWVGJMXI\" and spaces");
    }
    fields.push_back(*found);
  }
  return fields;
}

std::string mtr_titles(const std::vector<MtrField>& fields) {
  std::string line;
  std::size_t at = 0;
  for (const auto& field : fields) {
    put(line, at,
        format("%*.*s", static_cast<int>(field.width), static_cast<int>(field.title.size()),
               field.title.data()));
    at += field.width;
  }
  return line;
}

std::string mtr_values(const std::vector<MtrField>& fields, const HopStatistics& hop) {
  std::string line;
  std::size_t at = 0;
  for (const auto& field : fields) {
    put(line, at, field.text(hop));
    at += field.width;
  }
  return line;
}

}  // namespace oneping::probe
