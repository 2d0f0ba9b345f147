// The store's file: made if it is not there, checked, and held alone.
//
// A store is a SQLite file whose application id is ours and whose version (PRAGMA user_version) is
// one that we know. It is locked from the first look at it until it is closed. Nothing is written
// before all of it has been checked; a file that is refused stays as it is, and so does the
// write-ahead log of a program that crashed.
#pragma once

#include <string>

#include "control/sqlite_database.h"
#include "control/store_schema.h"

namespace oneping::control {

// "onep"
inline constexpr std::int64_t kStoreApplicationId = 0x6f6e6570;

[[nodiscard]] Result<SqliteDatabase> open_store_file(const std::string& path, SchemaSteps steps);

}  // namespace oneping::control
