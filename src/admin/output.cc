#include "admin/output.h"

#include <algorithm>
#include <cstdio>

#include "admin/display_text.h"

namespace oneping::admin {

void print_json(const Json& value) {
  std::puts(value.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
}

void print_table(const Table& table, std::size_t indent) {
  std::fputs(table.to_string(colour_of_stdout(), indent).c_str(), stdout);
}

void print_line(const std::string& line) { std::puts(printable(line).c_str()); }

void print_note(const std::string& line) { std::fprintf(stderr, "%s\n", printable(line).c_str()); }

void print_items(Format format, const Json& items, const Columns& columns,
                 const std::string& plural) {
  if (format == Format::json) return print_json({{"schema", 1}, {"items", items}});
  if (items.empty()) return print_note("no " + plural);
  print_table(table_of(columns, items));
}

void print_card(Format format, const Json& object, const Columns& columns) {
  if (format == Format::json) return print_json(object);
  print_table(card_of(columns, object));
}

void print_done(Format format, const Json& answer, const std::string& sentence,
                const Json& object) {
  if (format == Format::table) return print_line(filled(sentence, object));
  if (!answer.is_null()) print_json(answer);
}

std::string filled(const std::string& sentence, const Json& object) {
  std::string text;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t open = std::min(sentence.find('{', at), sentence.size());
    text += sentence.substr(at, open - at);
    if (open == sentence.size()) break;
    const std::size_t close = sentence.find('}', open);
    text += words_of(field_of(object, sentence.substr(open + 1, close - open - 1)));
    at = close + 1;
  }
  return text;
}

}  // namespace oneping::admin
