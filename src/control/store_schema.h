// The store's tables: the texts of schema/store/1.sql, 2.sql, …, each of which takes a store to its
// version from the one before.
#pragma once

#include <span>

namespace oneping::control {

using SchemaSteps = std::span<const char* const>;

[[nodiscard]] SchemaSteps store_schema();

}  // namespace oneping::control
