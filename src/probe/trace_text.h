// The text of a trace, as traceroute prints it: a piece for each probe.
#pragma once

#include <string>

#include "probe/trace_probes.h"

namespace oneping::probe {

// Without the end of the line: each hop begins with one.
[[nodiscard]] std::string trace_header(const TraceOptions& options, std::size_t packet_size);

// Whose name the probe's piece has in it; nobody's if it repeats the one before in its hop.
[[nodiscard]] std::optional<IpAddress> trace_named(const TraceProbes& probes, std::size_t index);

// " 1  name (ip)  0.210 ms", "  0.182 ms", " *".
[[nodiscard]] std::string trace_probe_text(const TraceProbes& probes, std::size_t index,
                                           Naming naming, std::string_view name);

}  // namespace oneping::probe
