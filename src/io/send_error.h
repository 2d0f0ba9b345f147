// Why the system did not send a request.
#pragma once

#include "base/drop_reason.h"

namespace oneping {

[[nodiscard]] DropReason drop_reason_for_errno(int error);

}  // namespace oneping
