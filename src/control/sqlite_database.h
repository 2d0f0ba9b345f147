// SQLite as the store uses it: a connection that keeps its prepared statements, statements whose
// parameters and columns are taken from left to right, and transactions. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace oneping::control {

class SqliteStatement;

// The path as SQLite takes it for a file's and nothing else: "file:…" would be a URI.
[[nodiscard]] std::string file_name(const std::string& path);

// For messages, in which SQLite quotes what it finds in a file.
[[nodiscard]] std::string one_line(std::string text);

class SqliteDatabase {
 public:
  // Of a file that is there, to read and write it.
  [[nodiscard]] static Result<SqliteDatabase> open(const std::string& path);
  [[nodiscard]] static Result<SqliteDatabase> in_memory();

  // Statements that give no rows or whose rows nobody reads.
  [[nodiscard]] Result<void> execute(const std::string& script) const;

  // Prepared once and kept; must be at its end before it is asked for again.
  [[nodiscard]] SqliteStatement statement(const std::string& sql);

  // Runs a statement with these parameters, for rows that it changes. How many they were.
  template <typename... Values>
  [[nodiscard]] Result<std::int64_t> run(const std::string& sql, const Values&... values);

  // The first column of a statement's only row.
  [[nodiscard]] Result<std::int64_t> integer(const std::string& sql);

  // Why the last call failed, as SQLite and the system tell it, and SQLite's primary result code.
  [[nodiscard]] std::string error() const;
  [[nodiscard]] int error_code() const;

  [[nodiscard]] sqlite3* handle() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
    void operator()(sqlite3_stmt* statement) const;
  };

  [[nodiscard]] static Result<SqliteDatabase> open(const std::string& path, int flags);
  [[nodiscard]] std::int64_t rows_changed() const;

  std::unique_ptr<sqlite3, Close> connection_;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Close>> statements_;
};

// One run of a prepared statement. What goes wrong is remembered: no more rows come, and end()
// gives the reason.
class SqliteStatement {
 public:
  SqliteStatement(SqliteDatabase& database, sqlite3_stmt* statement);
  SqliteStatement(SqliteStatement&& other) noexcept;
  ~SqliteStatement();

  // For the next parameter.
  void bind(std::int64_t value);
  void bind(std::string_view text);
  void bind(Bytes blob);
  void bind(std::nullptr_t);

  // Goes to the next row; false if there is none.
  [[nodiscard]] bool next_row();

  // The row's next column. Text and blobs live until the next row.
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] std::string_view text();
  [[nodiscard]] Bytes blob();
  // If the next column is NULL, passes it.
  [[nodiscard]] bool pass_null();

  // The column or parameter that was last passed holds what it must not.
  void refuse(std::string_view why);

  // After the last row, or when no more are wanted.
  [[nodiscard]] Result<void> end();

 private:
  void check(int code);
  [[nodiscard]] bool is_next(int type);

  SqliteDatabase& database_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  int column_ = 0;
  bool in_row_ = false;
  std::string error_;
};

// Takes back what was written unless it is committed.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(database) {}
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  ~SqliteTransaction();

  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> commit();

 private:
  SqliteDatabase& database_;
};

template <typename... Values>
Result<std::int64_t> SqliteDatabase::run(const std::string& sql, const Values&... values) {
  auto running = statement(sql);
  (running.bind(values), ...);
  while (running.next_row()) {
  }
  if (auto ended = running.end(); !ended) return tl::make_unexpected(ended.error());
  return rows_changed();
}

}  // namespace oneping::control
