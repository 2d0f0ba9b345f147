// How a policy is shown.
#pragma once

#include "admin/columns.h"

namespace oneping::admin {

[[nodiscard]] const Columns& policy_columns();

}  // namespace oneping::admin
