// The audit log's table.
#pragma once

#include <vector>

#include "control/sqlite_database.h"
#include "control/store.h"

namespace oneping::control {

// Adds the entry, and drops the oldest beyond kMaxAuditEntries. Within a transaction that the
// caller has begun.
[[nodiscard]] Result<void> write_audit(SqliteDatabase& database, const AuditEntry& entry);

[[nodiscard]] Result<std::vector<AuditEntry>> read_audit(SqliteDatabase& database,
                                                         const AuditQuery& query);

}  // namespace oneping::control
