// What a command says on standard output: tables and sentences for people, or JSON and nothing else
// for programs. What people should know besides goes to standard error.
#pragma once

#include <cstdint>
#include <string>

#include "admin/columns.h"

namespace oneping::admin {

enum class Format : std::uint8_t { table, json };

// One line, ASCII only, so that a terminal is safe from what others wrote.
void print_json(const Json& value);
void print_table(const Table& table, std::size_t indent = 0);
// With what must not reach a terminal escaped.
void print_line(const std::string& line);
void print_note(const std::string& line);  // on standard error

// The items of a list: as {"schema": 1, "items": […]}, or as a table; "no tunnels" is a note.
void print_items(Format format, const Json& items, const Columns& columns,
                 const std::string& plural);
void print_card(Format format, const Json& object, const Columns& columns);
// A sentence about a change: "Made tunnel {name}.", with the fields of `object` in braces. `answer`
// is the API's, null if it had none.
void print_done(Format format, const Json& answer, const std::string& sentence, const Json& object);

// The sentence with the fields of `object` in the place of their names in braces.
[[nodiscard]] std::string filled(const std::string& sentence, const Json& object);

}  // namespace oneping::admin
