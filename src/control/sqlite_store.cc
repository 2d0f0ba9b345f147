#include <sqlite3.h>

#include <utility>

#include "control/new_file.h"
#include "control/sqlite_audit.h"
#include "control/sqlite_commit.h"
#include "control/sqlite_file.h"
#include "control/sqlite_load.h"
#include "control/store.h"

namespace oneping::control {

namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, SqliteDatabase database)
      : path_(std::move(path)), database_(std::move(database)) {}

  Result<Contents> load() override {
    auto contents = load_contents(database_);
    if (contents) return contents;
    return fail(path_ + " does not load: " + contents.error().message +
                "; restore it from a backup");
  }

  Result<void> commit(std::span<const Change> changes, const AuditEntry& entry) override {
    SqliteTransaction transaction(database_);
    auto done = transaction.begin();
    if (done) done = write_changes(database_, changes);
    if (done) done = write_audit(database_, entry);
    if (done) done = end(transaction);
    return done ? done : fail("writing " + path_, done.error());
  }

  Result<std::vector<AuditEntry>> audit(const AuditQuery& query) override {
    auto entries = read_audit(database_, query);
    return entries ? entries : fail("reading " + path_, entries.error());
  }

  Result<void> backup(const std::string& path) override {
    auto file = NewFile::beside(path);
    if (!file) return tl::make_unexpected(file.error());
    const auto copied = database_.run("VACUUM INTO :file", file_name(file->temporary_path()));
    if (!copied) return fail("copying " + path_ + " to " + path, copied.error());
    return file->publish();
  }

 private:
  // SQLite says only that some reference is bad; which one can be found before all is taken back.
  Result<void> end(SqliteTransaction& transaction) {
    auto done = transaction.commit();
    if (done || database_.error_code() != SQLITE_CONSTRAINT) return done;
    auto found = check_references(database_);
    return found ? done : found;
  }

  std::string path_;
  SqliteDatabase database_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path) {
  auto database = open_store_file(path, store_schema());
  if (!database) return tl::make_unexpected(database.error());
  return std::make_unique<SqliteStore>(path, std::move(*database));
}

}  // namespace oneping::control
