// Reads all that a store holds but the audit log, and checks what SQLite has not.
#pragma once

#include "control/sqlite_database.h"
#include "control/store.h"

namespace oneping::control {

// An error names the table and the row.
[[nodiscard]] Result<Contents> load_contents(SqliteDatabase& database);

// What refers to something that is not there. Slow: it looks at everything.
[[nodiscard]] Result<void> check_references(SqliteDatabase& database);

}  // namespace oneping::control
