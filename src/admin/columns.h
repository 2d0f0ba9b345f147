// How the API's objects are shown: a column says what it is called and how it looks in an object.
// Many objects make a table, one makes a card: a line for each column.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "admin/table.h"

namespace oneping::admin {

// Fields stay in the order in which the API gave them.
using Json = nlohmann::ordered_json;

// Null if there is no such field.
[[nodiscard]] const Json& field_of(const Json& object, const std::string& name);
// Any value in words: "-" for null and what is empty, "yes", "a, b".
[[nodiscard]] std::string words_of(const Json& value);

struct Column {
  std::string heading;
  std::function<Cell(const Json& object)> cell;
  Align align = Align::left;
};
using Columns = std::vector<Column>;

[[nodiscard]] Column in_words(std::string heading, std::string field);
[[nodiscard]] Column as_number(std::string heading, std::string field);
[[nodiscard]] Column as_time(std::string heading, std::string field);
[[nodiscard]] Column as_duration(std::string heading, std::string field);
[[nodiscard]] Column as_round_trip(std::string heading, std::string field);
// A word that is good or bad news: a tunnel's status, a verdict, a state.
[[nodiscard]] Column as_status(std::string heading, std::string field);
[[nodiscard]] Cell status_cell(const std::string& word);

// "objects" must be an array.
[[nodiscard]] Table table_of(const Columns& columns, const Json& objects);
[[nodiscard]] Table card_of(const Columns& columns, const Json& object);

[[nodiscard]] Columns joined(Columns first, const Columns& more);

}  // namespace oneping::admin
