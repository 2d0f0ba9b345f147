#include "admin/table.h"

#include <gtest/gtest.h>

#include "admin/columns.h"

namespace oneping::admin {
namespace {

TEST(Table, AlignsByWhatATerminalShows) {
  Table table;
  table.add_column("Name", Align::left);
  table.add_column("RTT", Align::right);
  table.add_column("Comment", Align::left);
  table.add_row({Cell("office"), Cell("1.20 ms"), Cell("B\u00fcro")});
  table.add_row({Cell("\u6771\u4eac"), Cell("-"), Cell("")});
  table.add_row({Cell("x\x1b[0m"), Cell("12.3 ms"), Cell("a\nb")});
  EXPECT_EQ(table.to_string(Colour::no),
            "NAME          RTT  COMMENT\n"
            "office    1.20 ms  B\u00fcro\n"
            "\u6771\u4eac            -\n"
            "x\\x1b[0m  12.3 ms  a\\nb\n");
}

TEST(Table, WithoutHeadingsAndIndented) {
  Table table;
  table.add_row({Cell("Name"), Cell("office")});
  table.add_row({Cell("Status"), Cell("healthy")});
  EXPECT_EQ(table.to_string(Colour::no, 2), "  Name    office\n  Status  healthy\n");
}

TEST(Table, ColoursDoNotMoveColumns) {
  Table table;
  table.add_row({Cell("up", Tone::good), Cell("a")});
  table.add_row({Cell("broken", Tone::bad), Cell("b")});
  EXPECT_EQ(table.to_string(Colour::yes), "\x1b[32mup\x1b[0m      a\n\x1b[31mbroken\x1b[0m  b\n");
  EXPECT_EQ(table.to_string(Colour::no), "up      a\nbroken  b\n");
}

TEST(Columns, SayWhatIsNotThere) {
  const Json object = {{"name", "office"}, {"routes", 2},        {"rtt_ms", nullptr},
                       {"tags", {"a", 1}}, {"reusable", false},  {"groups", Json::array()},
                       {"comment", ""},    {"uptime_ms", 95'000}};
  const auto shown = [&](const Column& column) { return column.cell(object).text; };
  EXPECT_EQ(shown(in_words("", "name")), "office");
  EXPECT_EQ(shown(as_number("", "routes")), "2");
  EXPECT_EQ(shown(in_words("", "tags")), "a, 1");
  EXPECT_EQ(shown(in_words("", "reusable")), "no");
  EXPECT_EQ(shown(as_duration("", "uptime_ms")), "1m35s");
  for (const char* empty : {"rtt_ms", "groups", "comment", "no such field"}) {
    EXPECT_EQ(shown(in_words("", empty)), "-") << empty;
    EXPECT_EQ(shown(as_round_trip("", empty)), "-") << empty;
  }
  EXPECT_EQ(as_time("", "name").cell(object).text, "office") << "what is no time is shown as it is";
}

}  // namespace
}  // namespace oneping::admin
