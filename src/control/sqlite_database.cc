#include "control/sqlite_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

namespace oneping::control {

std::string file_name(const std::string& path) {
  return path.starts_with('/') ? path : "./" + path;
}

std::string one_line(std::string text) {
  const auto is_control = [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path) {
  return open(file_name(path), SQLITE_OPEN_READWRITE);
}

Result<SqliteDatabase> SqliteDatabase::in_memory() {
  return open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY);
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path, int flags) {
  SqliteDatabase database;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  database.connection_.reset(connection);
  if (code != SQLITE_OK) return fail(connection == nullptr ? "out of memory" : database.error());
  return database;
}

Result<void> SqliteDatabase::execute(const std::string& script) const {
  if (sqlite3_exec(handle(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail(error());
  }
  return {};
}

SqliteStatement SqliteDatabase::statement(const std::string& sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* prepared = nullptr;
    (void)sqlite3_prepare_v3(handle(), sql.c_str(), static_cast<int>(sql.size() + 1),
                             SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    kept.reset(prepared);  // null if it failed, of which the statement will tell
  }
  return {*this, kept.get()};
}

Result<std::int64_t> SqliteDatabase::integer(const std::string& sql) {
  auto asked = statement(sql);
  const std::int64_t value = asked.next_row() ? asked.integer() : 0;
  if (auto ended = asked.end(); !ended) return tl::make_unexpected(ended.error());
  return value;
}

std::string SqliteDatabase::error() const {
  std::string text = one_line(sqlite3_errmsg(handle()));
  const bool by_system = error_code() == SQLITE_IOERR || error_code() == SQLITE_CANTOPEN;
  const int reason = sqlite3_system_errno(handle());
  if (!by_system || reason == 0) return text;
  return text + " (" + std::error_code(reason, std::generic_category()).message() + ")";
}

int SqliteDatabase::error_code() const { return sqlite3_errcode(handle()) & 0xff; }

std::int64_t SqliteDatabase::rows_changed() const { return sqlite3_changes64(handle()); }

void SqliteDatabase::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

void SqliteDatabase::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {
  if (statement == nullptr) error_ = database.error();
}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      parameter_(other.parameter_),
      column_(other.column_),
      in_row_(other.in_row_),
      error_(std::move(other.error_)) {}

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  (void)sqlite3_reset(statement_);  // returns the last step's error again
  (void)sqlite3_clear_bindings(statement_);
}

void SqliteStatement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++parameter_, value));
}

void SqliteStatement::bind(std::string_view text) {
  const char* begin = text.empty() ? "" : text.data();  // a null pointer would be NULL
  check(sqlite3_bind_text64(statement_, ++parameter_, begin, text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
}

void SqliteStatement::bind(Bytes blob) {
  check(sqlite3_bind_blob64(statement_, ++parameter_, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

void SqliteStatement::bind(std::nullptr_t) { check(sqlite3_bind_null(statement_, ++parameter_)); }

bool SqliteStatement::next_row() {
  column_ = 0;
  in_row_ = false;
  if (!error_.empty()) return false;
  const int code = sqlite3_step(statement_);
  in_row_ = code == SQLITE_ROW;
  if (code != SQLITE_ROW && code != SQLITE_DONE) check(code);
  return in_row_;
}

std::int64_t SqliteStatement::integer() {
  if (!is_next(SQLITE_INTEGER)) return 0;
  return sqlite3_column_int64(statement_, column_ - 1);
}

std::string_view SqliteStatement::text() {
  if (!is_next(SQLITE_TEXT)) return {};
  const auto* begin = sqlite3_column_text(statement_, column_ - 1);
  const int size = sqlite3_column_bytes(statement_, column_ - 1);
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(size)};
}

Bytes SqliteStatement::blob() {
  if (!is_next(SQLITE_BLOB)) return {};
  const auto* begin = sqlite3_column_blob(statement_, column_ - 1);
  const int size = sqlite3_column_bytes(statement_, column_ - 1);
  return {static_cast<const std::uint8_t*>(begin), static_cast<std::size_t>(size)};
}

bool SqliteStatement::pass_null() {
  if (!in_row_ || sqlite3_column_type(statement_, column_) != SQLITE_NULL) return false;
  ++column_;
  return true;
}

// Passes the next column, which must be of this type.
bool SqliteStatement::is_next(int type) {
  ++column_;
  if (!in_row_) return false;
  if (sqlite3_column_type(statement_, column_ - 1) == type) return true;
  refuse("is of the wrong type");
  return false;
}

void SqliteStatement::refuse(std::string_view why) {
  if (!error_.empty()) return;
  if (in_row_) {
    error_ = "the row with " + std::string(sqlite3_column_name(statement_, 0)) + " " +
             std::to_string(sqlite3_column_int64(statement_, 0)) + ": " +
             sqlite3_column_name(statement_, column_ - 1) + " " + std::string(why);
  } else {
    const char* name = sqlite3_bind_parameter_name(statement_, parameter_);
    error_ = std::string(name == nullptr ? "a value" : name + 1) + " " + std::string(why);
  }
}

Result<void> SqliteStatement::end() {
  if (!error_.empty()) return fail(error_);
  return {};
}

void SqliteStatement::check(int code) {
  if (code != SQLITE_OK && error_.empty()) error_ = database_.error();
}

SqliteTransaction::~SqliteTransaction() {
  // SQLite takes it back by itself after some errors, a full disk for one.
  const bool is_open = sqlite3_get_autocommit(database_.handle()) == 0;
  if (is_open) (void)database_.execute("ROLLBACK");
}

Result<void> SqliteTransaction::begin() { return database_.execute("BEGIN IMMEDIATE"); }

Result<void> SqliteTransaction::commit() { return database_.execute("COMMIT"); }

}  // namespace oneping::control
