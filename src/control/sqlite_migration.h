// Brings a store's tables from the version that its file says (PRAGMA user_version) to the newest.
#pragma once

#include "control/sqlite_database.h"
#include "control/store_schema.h"

namespace oneping::control {

// Step n, in a transaction of its own, makes version n. When one fails, those before it stay.
// Steps may build tables anew: references are off within them, and checked at the end of each.
[[nodiscard]] Result<void> migrate(SqliteDatabase& database, SchemaSteps steps);

}  // namespace oneping::control
