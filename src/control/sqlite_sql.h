// The SQL for the tables of sqlite_tables.h, made of their columns' names. Parameters are named
// after their columns and stand in the columns' order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/sqlite_tables.h"

namespace oneping::control {

// A visitor that notes the names of columns.
struct ColumnNames {
  std::vector<std::string> all;
  std::vector<std::string> unique_ones;

  void operator()(std::string_view name, const auto&) { all.emplace_back(name); }
  void unique(std::string_view name, const auto&) {
    all.emplace_back(name);
    unique_ones.emplace_back(name);
  }
};

struct TableSql {
  TableSql(std::string_view table, const ColumnNames& columns);

  std::string select;    // all rows in the order of their ids
  std::string put;       // a new row, or new values for the row with this id
  std::string make_way;  // deletes the row with this id if a value that is unique changes
};

// A list's table; a set has no place.
struct ListSql {
  ListSql(std::string_view table, std::string_view owner, const ColumnNames& columns,
          bool has_place);

  std::string select;  // all rows in the order of their owners and places
  std::string insert;  // owner, place if it has one, columns
  std::string clear;   // deletes the owner's
};

template <typename Value>
const TableSql& table_sql() {
  static const TableSql sql = [] {
    ColumnNames names;
    const Value value{};
    TableOf<Value>::columns(names, value);
    return TableSql(TableOf<Value>::kName, names);
  }();
  return sql;
}

template <typename Item, typename Columns>
ListSql list_sql(std::string_view table, std::string_view owner, Columns columns, bool has_place) {
  ColumnNames names;
  const Item item{};
  columns(names, item);
  return ListSql(table, owner, names, has_place);
}

}  // namespace oneping::control
