#include "control/sqlite_sql.h"

namespace oneping::control {

namespace {

using Names = std::vector<std::string>;

// "a, b, c", each name made into what stands for it.
template <typename Made>
std::string listed(const Names& names, Made made) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + made(name);
  return text;
}

std::string listed(const Names& names) {
  return listed(names, [](const std::string& name) { return name; });
}

std::string parameters(const Names& names) {
  return listed(names, [](const std::string& name) { return ":" + name; });
}

std::string insert_into(const std::string& table, const Names& columns) {
  return "INSERT INTO " + table + " (" + listed(columns) + ") VALUES (" + parameters(columns) + ")";
}

}  // namespace

TableSql::TableSql(std::string_view name, const ColumnNames& columns) {
  const std::string table(name);
  // The id is not set anew: SQLite would look for all who refer to it.
  const Names but_id(columns.all.begin() + 1, columns.all.end());
  const auto assigned =
      listed(but_id, [](const std::string& column) { return column + " = :" + column; });
  const Names& unique = columns.unique_ones;
  select = "SELECT " + listed(columns.all) + " FROM " + table + " ORDER BY id";
  put = insert_into(table, columns.all) + " ON CONFLICT (id) DO UPDATE SET " + assigned;
  make_way = "DELETE FROM " + table + " WHERE id = :id AND (" + listed(unique) + ") IS NOT (" +
             parameters(unique) + ")";
}

ListSql::ListSql(std::string_view name, std::string_view owner, const ColumnNames& columns,
                 bool has_place) {
  const std::string table(name);
  Names all{std::string(owner)};
  if (has_place) all.emplace_back("place");
  all.insert(all.end(), columns.all.begin(), columns.all.end());
  Names shown{std::string(owner)};
  shown.insert(shown.end(), columns.all.begin(), columns.all.end());
  select = "SELECT " + listed(shown) + " FROM " + table + " ORDER BY " + all[0] + ", " + all[1];
  insert = insert_into(table, all);
  clear = "DELETE FROM " + table + " WHERE " + all[0] + " = :" + all[0];
}

}  // namespace oneping::control
