#include "control/sqlite_migration.h"

#include "control/sqlite_load.h"

namespace oneping::control {

namespace {

Result<void> make_version(SqliteDatabase& database, std::size_t version, const char* step) {
  SqliteTransaction transaction(database);
  auto done = transaction.begin();
  if (done) done = database.execute(step);
  if (done) done = check_references(database);
  if (done) done = database.execute("PRAGMA user_version = " + std::to_string(version));
  if (done) done = transaction.commit();
  return done ? done : fail("making version " + std::to_string(version), done.error());
}

}  // namespace

Result<void> migrate(SqliteDatabase& database, SchemaSteps steps) {
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return tl::make_unexpected(version.error());
  auto done = database.execute("PRAGMA foreign_keys = OFF");
  for (auto made = static_cast<std::size_t>(*version); made < steps.size() && done; ++made) {
    done = make_version(database, made + 1, steps[made]);
  }
  return done;
}

}  // namespace oneping::control
