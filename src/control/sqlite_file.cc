#include "control/sqlite_file.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <system_error>

#include "base/bytes.h"
#include "control/new_file.h"
#include "control/sqlite_migration.h"

namespace oneping::control {

namespace {

constexpr std::string_view kWhatToDo =
    "; restore it from a backup, or move it away to begin with an empty one";

// Or cannot be seen, which its opening will tell.
bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 || errno != ENOENT;
}

Result<void> make_store_file(const std::string& path, SchemaSteps steps) {
  auto file = NewFile::beside(path);
  if (!file) return tl::make_unexpected(file.error());
  {
    auto database = SqliteDatabase::open(file->temporary_path());
    if (!database) return fail("making " + path, database.error());
    // The file is synced, and gets its name, when it is whole.
    auto done = database->execute(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = " +
        std::to_string(kStoreApplicationId));
    if (done) done = migrate(*database, steps);
    if (!done) return fail("making " + path, done.error());
  }
  return file->publish();
}

Result<void> check_is_file(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    return fail(path + ": " + std::error_code(errno, std::generic_category()).message());
  }
  if (!S_ISREG(status.st_mode)) return fail(path + " is no file; give the store another path");
  return {};
}

// Reads through SQLite, since closing a descriptor of our own would end SQLite's locks on the file.
Result<void> check_header(SqliteDatabase& database, const std::string& path) {
  sqlite3_file* file = nullptr;
  (void)sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  // https://www.sqlite.org/fileformat.html, 1.3
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kApplicationId = 68;
  std::array<std::uint8_t, 100> header{};
  const int code = file->pMethods->xRead(file, header.data(), header.size(), 0);
  if (code == SQLITE_IOERR_SHORT_READ) {
    return fail(path + " is damaged: it is shorter than a store's header" + std::string(kWhatToDo));
  }
  if (code != SQLITE_OK) return fail("reading " + path + ": " + sqlite3_errstr(code));
  if (!std::equal(kMagic.begin(), kMagic.end(), header.begin()) ||
      load_be32(header.data() + kApplicationId) != kStoreApplicationId) {
    return fail(path + " is not a store of oneping, or damaged" + std::string(kWhatToDo));
  }
  return {};
}

tl::unexpected<Error> not_writable(const std::string& path) {
  return fail(path + " cannot be written; see its permissions and its file system's");
}

// What SQLite has just complained of, as a person needs it.
tl::unexpected<Error> sqlite_failure(const SqliteDatabase& database, const std::string& path,
                                     const Error& complaint) {
  switch (database.error_code()) {
    case SQLITE_BUSY: return fail(path + ": another process uses it; stop that one first");
    case SQLITE_READONLY: return not_writable(path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // the statements are ours, and good
      return fail(path + " is damaged: " + complaint.message + std::string(kWhatToDo));
    default: return fail("opening " + path, complaint);
  }
}

// The lock lasts until the connection is closed, and the write-ahead log needs no shared memory.
Result<void> lock(SqliteDatabase& database, const std::string& path) {
  if (sqlite3_db_readonly(database.handle(), "main") != 0) return not_writable(path);
  constexpr int kPatience = 500;  // ms, for an owner that is just going
  sqlite3_busy_timeout(database.handle(), kPatience);
  const auto locked = database.execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
      "BEGIN EXCLUSIVE; ROLLBACK");
  return locked ? locked : sqlite_failure(database, path, locked.error());
}

Result<std::int64_t> check_version(SqliteDatabase& database, const std::string& path,
                                   SchemaSteps steps) {
  auto version = database.integer("PRAGMA user_version");
  if (!version) return sqlite_failure(database, path, version.error());
  if (*version > static_cast<std::int64_t>(steps.size())) {
    return fail(path + " was written by a newer oneping: its version is " +
                std::to_string(*version) + ", and this program knows " +
                std::to_string(steps.size()) + "; use the newer program, or restore a backup");
  }
  if (*version < 1) {
    return fail(path + " is damaged: version " + std::to_string(*version) + std::string(kWhatToDo));
  }
  return version;
}

Result<void> check_pages(SqliteDatabase& database, const std::string& path) {
  // Unlike quick_check it also looks whether the indexes, and so what is unique, agree with the
  // rows.
  auto found = database.statement("PRAGMA integrity_check(1)");
  std::string verdict;
  if (found.next_row()) verdict = found.text();
  if (auto ended = found.end(); !ended) return sqlite_failure(database, path, ended.error());
  if (verdict == "ok") return {};
  return fail(path + " is damaged: " + one_line(verdict) + std::string(kWhatToDo));
}

Result<std::set<std::string>> definitions(SqliteDatabase& database) {
  std::set<std::string> texts;
  auto rows = database.statement("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL");
  while (rows.next_row()) texts.emplace(rows.text());
  if (auto ended = rows.end(); !ended) return tl::make_unexpected(ended.error());
  return texts;
}

// What the tables look like is data in the file, too, and may be damaged.
Result<void> check_tables(SqliteDatabase& database, const std::string& path, SchemaSteps made) {
  auto pattern = SqliteDatabase::in_memory();
  if (!pattern) return fail("checking " + path, pattern.error());
  if (auto done = migrate(*pattern, made); !done) return fail("checking " + path, done.error());
  const auto wanted = definitions(*pattern);
  const auto found = definitions(database);
  if (!wanted) return fail("checking " + path, wanted.error());
  if (!found) return sqlite_failure(database, path, found.error());
  if (std::includes(found->begin(), found->end(), wanted->begin(), wanted->end())) return {};
  return fail(path + " is damaged: its tables are not those of a store" + std::string(kWhatToDo));
}

Result<void> check(SqliteDatabase& database, const std::string& path, SchemaSteps steps) {
  const auto version = check_version(database, path, steps);
  if (!version) return tl::make_unexpected(version.error());
  if (auto checked = check_pages(database, path); !checked) return checked;
  return check_tables(database, path, steps.first(static_cast<std::size_t>(*version)));
}

void write_log_back_at_close(SqliteDatabase& database, bool wanted) {
  (void)sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1,
                          nullptr);
}

const char* log_path(SqliteDatabase& database) {
  return sqlite3_filename_wal(sqlite3_db_filename(database.handle(), "main"));
}

// Opening made an empty write-ahead log. To be removed while the lock is held, lest it be
// another's.
void remove_empty_log(SqliteDatabase& database) {
  struct stat status;
  const char* path = log_path(database);
  if (::stat(path, &status) == 0 && status.st_size == 0) ::unlink(path);
}

Result<void> set_up(SqliteDatabase& database, const std::string& path, SchemaSteps steps) {
  const auto set = database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  if (!set) return sqlite_failure(database, path, set.error());
  if (auto migrated = migrate(database, steps); !migrated) return fail(path, migrated.error());
  const auto enforced = database.execute("PRAGMA foreign_keys = ON");
  return enforced ? enforced : sqlite_failure(database, path, enforced.error());
}

}  // namespace

Result<SqliteDatabase> open_store_file(const std::string& path, SchemaSteps steps) {
  if (!is_there(path)) {
    const auto made = make_store_file(path, steps);
    // Somebody else may have made it in the meantime.
    if (!made && !is_there(path)) return tl::make_unexpected(made.error());
  }
  if (auto checked = check_is_file(path); !checked) return tl::make_unexpected(checked.error());
  auto database = SqliteDatabase::open(path);
  if (!database) return fail("opening " + path, database.error());

  write_log_back_at_close(*database, false);
  auto done = check_header(*database, path);
  if (!done) return tl::make_unexpected(done.error());
  const bool had_log = is_there(log_path(*database));
  done = lock(*database, path);
  const bool is_locked = done || database->error_code() != SQLITE_BUSY;
  if (done) done = check(*database, path, steps);
  if (!done) {
    if (is_locked && !had_log) remove_empty_log(*database);
    return tl::make_unexpected(done.error());
  }
  write_log_back_at_close(*database, true);
  done = set_up(*database, path, steps);
  if (!done) return tl::make_unexpected(done.error());
  return database;
}

}  // namespace oneping::control
