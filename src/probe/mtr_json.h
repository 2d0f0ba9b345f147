// mtr's JSON, in its shape and under its keys, and a few keys more: `schema` and `legs_ms` beside
// `report`; for each hub `role`, the jitters, `mtu`, `unreachable` and `addresses`.
#pragma once

#include <string>

#include "probe/legs.h"
#include "probe/mtr_path.h"
#include "probe/names.h"

namespace oneping::probe {

[[nodiscard]] std::string mtr_json(const MtrOptions& options, const MtrPath& path, NameBook& names,
                                   const Legs& legs);

}  // namespace oneping::probe
