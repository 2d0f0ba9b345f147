// Writes changes into the tables, within a transaction that the caller has begun.
//
// What a commit holds counts as a whole, so that two things may swap their names whatever the order
// of the changes: first all rows that go, or give a unique value up, are deleted, then the new
// values are put. References are checked by SQLite when the transaction ends. Of several changes to
// one id the last counts.
#pragma once

#include <span>

#include "control/sqlite_database.h"
#include "control/store.h"

namespace oneping::control {

[[nodiscard]] Result<void> write_changes(SqliteDatabase& database, std::span<const Change> changes);

}  // namespace oneping::control
