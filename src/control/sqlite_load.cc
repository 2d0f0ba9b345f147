#include "control/sqlite_load.h"

#include <algorithm>
#include <map>

#include "control/sqlite_sql.h"

namespace oneping::control {

namespace {

struct ColumnReader {
  SqliteStatement& row;

  void operator()(std::string_view, auto& value) { read(row, value); }
  void unique(std::string_view, auto& value) { read(row, value); }
};

// The rows of a list's table, which come in the order of their owners.
class ListRows {
 public:
  ListRows(SqliteDatabase& database, const std::string& sql) : rows_(database.statement(sql)) {
    next_row();
  }

  [[nodiscard]] bool at(Id owner) const { return in_row_ && owner_ == owner; }
  void read_item(auto& item, auto columns) {
    ColumnReader reader{rows_};
    columns(reader, item);
    next_row();
  }
  [[nodiscard]] Result<void> end() { return rows_.end(); }

 private:
  void next_row() {
    in_row_ = rows_.next_row();
    if (in_row_) owner_ = rows_.integer();
  }

  SqliteStatement rows_;
  bool in_row_ = false;
  Id owner_ = 0;
};

// Gives owners, who come in the order of their ids, their lists.
class ListReader {
 public:
  explicit ListReader(SqliteDatabase& database) : database_(database) {}

  void set_owner(Id id) { owner_ = id; }
  void operator()(std::string_view table, std::string_view owner, auto& items, auto columns) {
    take(table, owner, items, columns, true);
  }
  void set(std::string_view table, std::string_view owner, auto& items, auto columns) {
    take(table, owner, items, columns, false);
  }

  [[nodiscard]] Result<void> end() {
    for (auto& [table, rows] : lists_) {
      if (auto ended = rows.end(); !ended)
        return fail("table " + std::string(table), ended.error());
    }
    return {};
  }

 private:
  template <typename Item>
  void take(std::string_view table, std::string_view owner, std::vector<Item>& items, auto columns,
            bool has_place) {
    auto found = lists_.find(table);
    if (found == lists_.end()) {
      const auto sql = list_sql<Item>(table, owner, columns, has_place);
      found = lists_.try_emplace(table, database_, sql.select).first;
    }
    while (found->second.at(owner_)) found->second.read_item(items.emplace_back(), columns);
  }

  SqliteDatabase& database_;
  Id owner_ = 0;
  std::map<std::string_view, ListRows> lists_;
};

template <typename Value>
Result<void> load_table(SqliteDatabase& database, Contents& contents) {
  auto& values = contents.*TableOf<Value>::kContents;
  auto rows = database.statement(table_sql<Value>().select);
  ColumnReader reader{rows};
  while (rows.next_row()) TableOf<Value>::columns(reader, values.emplace_back());
  if (auto ended = rows.end(); !ended) {
    return fail("table " + std::string(TableOf<Value>::kName), ended.error());
  }
  ListReader lists(database);
  for (auto& value : values) {
    lists.set_owner(value.id);
    TableOf<Value>::lists(lists, value);
  }
  return lists.end();
}

template <typename... Values>
Result<void> load_tables(SqliteDatabase& database, Contents& contents) {
  Result<void> done;
  (void)((done = load_table<Values>(database, contents)).has_value() && ...);
  return done;
}

// The tables of one row.
template <typename Value>
Result<void> load_only(SqliteDatabase& database, const std::string& column,
                       const std::string& table, Value& value) {
  auto rows = database.statement("SELECT only, " + column + " FROM " + table);
  const bool is_there = rows.next_row();
  if (is_there) {
    (void)rows.integer();
    read(rows, value);
  }
  if (auto ended = rows.end(); !ended) return fail("table " + table, ended.error());
  return is_there ? Result<void>() : fail("table " + table + ": its row is missing");
}

Result<void> check_positions(const std::vector<Policy>& policies) {
  std::vector<std::uint32_t> positions;
  positions.reserve(policies.size());
  for (const auto& policy : policies) positions.push_back(policy.position);
  std::sort(positions.begin(), positions.end());
  for (std::uint32_t i = 0; i < positions.size(); ++i) {
    if (positions[i] != i + 1) {
      return fail("table policies: no policy has position " + std::to_string(i + 1));
    }
  }
  return {};
}

Result<void> check_ids(const Contents& contents) {
  Id highest = 0;
  const auto look = [&](const auto& values) {
    if (!values.empty()) highest = std::max(highest, values.back().id);
  };
  look(contents.vnets);
  look(contents.tunnels);
  look(contents.routes);
  look(contents.users);
  look(contents.groups);
  look(contents.enrolment_keys);
  look(contents.devices);
  look(contents.policies);
  look(contents.api_tokens);
  if (highest > contents.last_id) {
    return fail("table meta: last_id is " + std::to_string(contents.last_id) +
                ", but there is id " + std::to_string(highest));
  }
  if (contents.vnets.empty() || contents.vnets.front().id != kDefaultVnet) {
    return fail("table vnets: the default network is missing");
  }
  return {};
}

}  // namespace

Result<Contents> load_contents(SqliteDatabase& database) {
  Contents contents;
  auto done = check_references(database);
  if (done) done = load_only(database, "last_id", "meta", contents.last_id);
  if (done) {
    done = load_only(database, "default_verdict", "settings", contents.settings.default_verdict);
  }
  if (done) {
    done = load_tables<Vnet, Tunnel, Route, User, Group, EnrolmentKey, Device, Policy, ApiToken>(
        database, contents);
  }
  if (done) done = check_positions(contents.policies);
  if (done) done = check_ids(contents);
  if (!done) return tl::make_unexpected(done.error());
  return contents;
}

Result<void> check_references(SqliteDatabase& database) {
  auto rows = database.statement("PRAGMA foreign_key_check");
  if (rows.next_row()) {
    const std::string table(rows.text());
    // The lists' tables have no row ids.
    const std::string row = rows.pass_null() ? "a row" : "row " + std::to_string(rows.integer());
    return fail("table " + table + ": " + row + " refers to something in " +
                std::string(rows.text()) + " that is not there");
  }
  return rows.end();
}

}  // namespace oneping::control
