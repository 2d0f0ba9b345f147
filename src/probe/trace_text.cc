#include "probe/trace_text.h"

#include "probe/format.h"

namespace oneping::probe {

std::string trace_header(const TraceOptions& options, std::size_t packet_size) {
  return format("traceroute to %s (%s), %u hops max, %zu byte packets", options.host.c_str(),
                options.destination.to_string().c_str(), options.max_hops, packet_size);
}

std::optional<IpAddress> trace_named(const TraceProbes& probes, std::size_t index) {
  const auto& from = probes[index].from;
  for (std::size_t i = index; i-- > probes.first_of_hop(index);) {
    if (!probes[i].from) continue;  // unanswered
    return probes[i].from == from ? std::nullopt : from;
  }
  return from;
}

std::string trace_probe_text(const TraceProbes& probes, std::size_t index, Naming naming,
                             std::string_view name) {
  const TraceProbe& probe = probes[index];
  std::string text;
  if (index == probes.first_of_hop(index)) text += format("\n%2u ", probes.hop_of(index));
  if (!probe.from) text += " *";
  if (const auto named = trace_named(probes, index)) {
    const std::string address = named->to_string();
    text += " ";
    if (naming == Naming::numeric) {
      text += address;
    } else {
      text += (name.empty() ? address : std::string(name)) + " (" + address + ")";
    }
  }
  if (probe.round_trip) {
    text += format("  %.3f ms", static_cast<double>(probe.round_trip->count()) / 1e6);
  }
  if (!probe.mark.empty()) text += " " + probe.mark;
  return text;
}

}  // namespace oneping::probe
