// A trace as one JSON document.
#pragma once

#include <string>

#include "probe/legs.h"
#include "probe/names.h"
#include "probe/trace_probes.h"

namespace oneping::probe {

// The probes from the first hop up to, not including, `end`.
[[nodiscard]] std::string trace_json(const TraceOptions& options, std::size_t packet_size,
                                     const TraceProbes& probes, std::size_t end, NameBook& names,
                                     const Legs& legs);

}  // namespace oneping::probe
