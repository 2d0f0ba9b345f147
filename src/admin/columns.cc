#include "admin/columns.h"

#include "admin/time_text.h"

namespace oneping::admin {

namespace {

// A column of a field that is there; "-" stands for one that is not.
Column of_field(std::string heading, std::string field, Align align,
                std::function<Cell(const Json& value)> shown) {
  return {std::move(heading),
          [field = std::move(field), shown = std::move(shown)](const Json& object) -> Cell {
            const Json& value = field_of(object, field);
            return value.is_null() ? Cell("-") : shown(value);
          },
          align};
}

}  // namespace

const Json& field_of(const Json& object, const std::string& name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string words_of(const Json& value) {
  if (value.is_null() || (value.is_structured() && value.empty())) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text.empty() ? "-" : text;
  }
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ", ") + words_of(item);
  return text;
}

Column in_words(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::left,
                  [](const Json& value) { return words_of(value); });
}

Column as_number(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::right,
                  [](const Json& value) { return words_of(value); });
}

Column as_time(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::left, [](const Json& value) {
    const std::string text = words_of(value);
    const auto time = parse_timestamp(text);
    return time ? local_time_text(*time) : text;
  });
}

Column as_duration(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::right, [](const Json& value) {
    return value.is_number() ? duration_text(Milliseconds(value.get<std::int64_t>()))
                             : words_of(value);
  });
}

Column as_round_trip(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::right, [](const Json& value) {
    return value.is_number() ? round_trip_text(value.get<double>()) : words_of(value);
  });
}

Column as_status(std::string heading, std::string field) {
  return of_field(std::move(heading), std::move(field), Align::left,
                  [](const Json& value) { return status_cell(words_of(value)); });
}

Cell status_cell(const std::string& word) {
  struct Known {
    const char* word;
    Tone tone;
  };
  static constexpr Known kKnown[] = {
      {"healthy", Tone::good},     {"degraded", Tone::doubtful}, {"down", Tone::bad},
      {"allow", Tone::good},       {"deny", Tone::bad},          {"ready", Tone::good},
      {"silent", Tone::bad},       {"draining", Tone::doubtful}, {"revoked", Tone::bad},
      {"online", Tone::good},      {"available", Tone::good},    {"unavailable", Tone::bad},
      {"waiting", Tone::doubtful},
  };
  for (const auto& known : kKnown) {
    if (word == known.word) return {word, known.tone};
  }
  return word;
}

Table table_of(const Columns& columns, const Json& objects) {
  Table table;
  for (const auto& column : columns) table.add_column(column.heading, column.align);
  for (const auto& object : objects) {
    std::vector<Cell> row;
    for (const auto& column : columns) row.push_back(column.cell(object));
    table.add_row(std::move(row));
  }
  return table;
}

Table card_of(const Columns& columns, const Json& object) {
  Table table;
  for (const auto& column : columns) table.add_row({column.heading, column.cell(object)});
  return table;
}

Columns joined(Columns first, const Columns& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace oneping::admin
