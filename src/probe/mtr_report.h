// mtr's report: a line for each hop.
#pragma once

#include <string>

#include "probe/mtr_path.h"
#include "probe/names.h"

namespace oneping::probe {

[[nodiscard]] std::string mtr_report(const MtrOptions& options, const MtrPath& path,
                                     NameBook& names, const Legs& legs);

}  // namespace oneping::probe
