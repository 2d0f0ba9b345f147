#include "control/sqlite_audit.h"

#include "control/sqlite_value.h"

namespace oneping::control {

namespace {

// The first text after all that begin with `prefix`, whose last character is no 0xff: it ends with
// a point.
std::string end_of(std::string prefix) {
  ++prefix.back();
  return prefix;
}

bool names_many(const std::string& action) { return action.ends_with('.'); }

// Rows are found by action or by object, or looked at one after the other from the newest: an index
// by time, or for what begins so, would mean to sort all that it finds. "+" keeps SQLite from it.
std::string sql_of(const AuditQuery& query) {
  std::string sql = "SELECT id, time, actor, action, object, detail FROM audit WHERE true";
  if (query.before) sql += " AND id < :before";
  if (query.since) sql += " AND time >= :since";
  if (names_many(query.action)) {
    sql += " AND +action >= :action AND +action < :action_end";
  } else if (!query.action.empty()) {
    sql += " AND action = :action";
  }
  if (!query.object.empty()) sql += " AND object = :object";
  return sql + " ORDER BY id DESC LIMIT :limit";
}

void bind_all(SqliteStatement& to, const AuditQuery& query) {
  if (query.before) write(to, *query.before);
  if (query.since) write(to, *query.since);
  if (!query.action.empty()) write(to, query.action);
  if (names_many(query.action)) write(to, end_of(query.action));
  if (!query.object.empty()) write(to, query.object);
  write(to, query.limit);
}

}  // namespace

Result<void> write_audit(SqliteDatabase& database, const AuditEntry& entry) {
  auto adding = database.statement(
      "INSERT INTO audit (time, actor, action, object, detail) "
      "VALUES (:time, :actor, :action, :object, :detail)");
  write(adding, entry.time);
  write(adding, entry.actor);
  write(adding, entry.action);
  write(adding, entry.object);
  write(adding, entry.detail);
  (void)adding.next_row();
  if (auto ended = adding.end(); !ended) return fail("table audit", ended.error());
  // Ids follow one another, so that this is one row at most.
  const auto dropped = database.run(
      "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - :kept", kMaxAuditEntries);
  return dropped ? Result<void>() : fail("table audit", dropped.error());
}

Result<std::vector<AuditEntry>> read_audit(SqliteDatabase& database, const AuditQuery& query) {
  std::vector<AuditEntry> entries;
  auto rows = database.statement(sql_of(query));
  bind_all(rows, query);
  while (rows.next_row()) {
    auto& entry = entries.emplace_back();
    read(rows, entry.id);
    read(rows, entry.time);
    read(rows, entry.actor);
    read(rows, entry.action);
    read(rows, entry.object);
    read(rows, entry.detail);
  }
  if (auto ended = rows.end(); !ended) return fail("table audit", ended.error());
  return entries;
}

}  // namespace oneping::control
