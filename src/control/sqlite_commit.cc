#include "control/sqlite_commit.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "control/sqlite_sql.h"

namespace oneping::control {

namespace {

// The name of a table and the id of a row: a thing.
using Key = std::pair<std::string_view, Id>;

// Gives each column to the next parameter.
struct ColumnWriter {
  SqliteStatement& to;

  void operator()(std::string_view, const auto& value) { write(to, value); }
  void unique(std::string_view, const auto& value) { write(to, value); }
};

// Gives the id and the unique columns, as TableSql::make_way wants them.
struct UniqueColumnWriter {
  SqliteStatement& to;

  void operator()(std::string_view name, const auto& value) {
    if (name == "id") write(to, value);
  }
  void unique(std::string_view, const auto& value) { write(to, value); }
};

template <typename Writer, typename Value>
Result<void> run(SqliteDatabase& database, const std::string& sql, const Value& value) {
  auto running = database.statement(sql);
  Writer writer{running};
  TableOf<Value>::columns(writer, value);
  (void)running.next_row();
  return running.end();
}

// Replaces the lists of an owner.
class ListWriter {
 public:
  ListWriter(SqliteDatabase& database, Id owner) : database_(database), owner_(owner) {}

  void operator()(std::string_view table, std::string_view owner, const auto& items, auto columns) {
    replace(table, owner, items, columns, true);
  }
  void set(std::string_view table, std::string_view owner, const auto& items, auto columns) {
    replace(table, owner, items, columns, false);
  }

  [[nodiscard]] Result<void> end() const { return done_; }

 private:
  template <typename Item>
  void replace(std::string_view table, std::string_view owner, const std::vector<Item>& items,
               auto columns, bool has_place) {
    if (!done_) return;
    const auto sql = list_sql<Item>(table, owner, columns, has_place);
    const auto cleared = database_.run(sql.clear, owner_);
    if (!cleared) done_ = fail(table, cleared.error());
    for (std::size_t place = 0; place < items.size() && done_; ++place) {
      auto inserting = database_.statement(sql.insert);
      inserting.bind(owner_);
      if (has_place) write(inserting, place);
      ColumnWriter writer{inserting};
      columns(writer, items[place]);
      (void)inserting.next_row();
      if (auto ended = inserting.end(); !ended) done_ = fail(table, ended.error());
    }
  }

  SqliteDatabase& database_;
  Id owner_;
  Result<void> done_;
};

std::string_view table_of(Kind kind) {
  switch (kind) {
    case Kind::vnet: return TableOf<Vnet>::kName;
    case Kind::tunnel: return TableOf<Tunnel>::kName;
    case Kind::route: return TableOf<Route>::kName;
    case Kind::user: return TableOf<User>::kName;
    case Kind::group: return TableOf<Group>::kName;
    case Kind::enrolment_key: return TableOf<EnrolmentKey>::kName;
    case Kind::device: return TableOf<Device>::kName;
    case Kind::policy: return TableOf<Policy>::kName;
    case Kind::api_token: return TableOf<ApiToken>::kName;
  }
  return {};
}

std::string told(const Key& key) {
  return "table " + std::string(key.first) + ", id " + std::to_string(key.second);
}

class ChangeWriter {
 public:
  explicit ChangeWriter(SqliteDatabase& database) : database_(database) {}

  Result<void> write(std::span<const Change> changes) {
    for (const auto& change : changes) {
      auto done = std::visit([&](const auto& value) { return make_way(value); }, change);
      if (!done) return done;
    }
    for (const auto& change : changes) {
      auto done = std::visit([&](const auto& value) { return put(value); }, change);
      if (!done) return done;
    }
    if (policies_changed_) {
      if (auto checked = check_positions(); !checked) return checked;
    }
    return raise_last_id();
  }

 private:
  template <typename Value>
  Result<void> make_way(const Value& value) {
    const Key key(TableOf<Value>::kName, value.id);
    last_[key] = &value;
    policies_changed_ |= std::is_same_v<Value, Policy>;
    highest_ = std::max(highest_, value.id);
    auto done = run<UniqueColumnWriter>(database_, table_sql<Value>().make_way, value);
    return done ? done : fail(told(key), done.error());
  }

  Result<void> make_way(const Erase& erase) {
    const Key key(table_of(erase.kind), erase.id);
    const bool was_named_before = std::exchange(last_[key], &erase) != nullptr;
    policies_changed_ |= erase.kind == Kind::policy;
    if (erase.kind == Kind::vnet && erase.id == kDefaultVnet) {
      return fail("the default network cannot be deleted");
    }
    const auto erased =
        database_.run("DELETE FROM " + std::string(key.first) + " WHERE id = :id", erase.id);
    if (!erased) return fail(told(key), erased.error());
    if (*erased == 0 && !was_named_before) return fail(told(key) + ": it is not there");
    return {};
  }

  Result<void> make_way(const Settings&) { return {}; }

  template <typename Value>
  Result<void> put(const Value& value) {
    const Key key(TableOf<Value>::kName, value.id);
    if (last_[key] != &value) return {};
    if (auto done = run<ColumnWriter>(database_, table_sql<Value>().put, value); !done) {
      return fail(told(key), done.error());
    }
    ListWriter lists(database_, value.id);
    TableOf<Value>::lists(lists, value);
    auto done = lists.end();
    return done ? done : fail(told(key), done.error());
  }

  Result<void> put(const Erase&) { return {}; }

  Result<void> put(const Settings& settings) {
    auto running = database_.statement("UPDATE settings SET default_verdict = :default_verdict");
    control::write(running, settings.default_verdict);
    (void)running.next_row();
    return running.end();
  }

  Result<void> check_positions() {
    auto asked = database_.statement("SELECT count(*), coalesce(max(position), 0) FROM policies");
    const bool is_there = asked.next_row();
    const auto count = is_there ? asked.integer() : 0;
    const auto highest = is_there ? asked.integer() : 0;
    if (auto ended = asked.end(); !ended) return ended;
    if (count == highest) return {};
    return fail("the positions of " + std::to_string(count) + " policies go to " +
                std::to_string(highest));
  }

  Result<void> raise_last_id() {
    const auto raised =
        database_.run("UPDATE meta SET last_id = :last_id WHERE last_id < :last_id", highest_);
    return raised ? Result<void>() : fail("raising last_id", raised.error());
  }

  SqliteDatabase& database_;
  std::map<Key, const void*> last_;  // the last change to each thing
  Id highest_ = 0;
  bool policies_changed_ = false;
};

}  // namespace

Result<void> write_changes(SqliteDatabase& database, std::span<const Change> changes) {
  return ChangeWriter(database).write(changes);
}

}  // namespace oneping::control
