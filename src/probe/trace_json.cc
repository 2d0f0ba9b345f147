#include "probe/trace_json.h"

#include "probe/milliseconds.h"

namespace oneping::probe {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

std::string_view role_of(const TraceOptions& options, const TraceProbes& probes,
                         std::size_t index) {
  return role_of(options.roles, probes.hop_of(index), *probes[index].from, options.destination);
}

Json probe_json(const TraceOptions& options, const TraceProbes& probes, std::size_t index,
                NameBook& names) {
  const TraceProbe& probe = probes[index];
  Json json = Json::object();
  if (probe.from) {
    json["address"] = probe.from->to_string();
    const auto name = names.find(*probe.from).value_or("");
    if (!name.empty()) json["name"] = name;
    const auto role = role_of(options, probes, index);
    if (!role.empty()) json["role"] = role;
    json["ttl"] = probe.hop_limit;
  }
  if (probe.round_trip) json["rtt_ms"] = milliseconds(*probe.round_trip);
  if (!probe.mark.empty()) json["error"] = probe.mark;
  if (probe.mtu) json["mtu"] = *probe.mtu;
  return json;
}

// The role of whoever answers at this hop; empty if that is not known or not one.
std::string_view hop_role(const TraceOptions& options, const TraceProbes& probes,
                          std::size_t first) {
  std::string_view role;
  for (std::size_t i = first; i < probes.end_of_hop(first); ++i) {
    if (!probes[i].from) continue;
    const auto other = role_of(options, probes, i);
    if (other.empty() || (!role.empty() && role != other)) return {};
    role = other;
  }
  return role;
}

}  // namespace

std::string trace_json(const TraceOptions& options, std::size_t packet_size,
                       const TraceProbes& probes, std::size_t end, NameBook& names,
                       const Legs& legs) {
  const auto round_trip = probes.shortest_to(options.destination, end);
  Json json = {{"schema", kSchema},
               {"host", options.host},
               {"source", options.source.to_string()},
               {"destination", options.destination.to_string()},
               {"max_hops", options.max_hops},
               {"packet_size", packet_size},
               {"reached", round_trip.has_value()},
               {"hops", Json::array()}};
  if (round_trip) {
    if (const auto times = legs.of(*round_trip)) json["legs_ms"] = legs_json(*times);
  }
  for (std::size_t i = std::size_t{options.first_hop - 1} * options.queries; i < end;
       i += options.queries) {
    Json hop = {{"hop", probes.hop_of(i)}};
    if (const auto role = hop_role(options, probes, i); !role.empty()) hop["role"] = role;
    for (std::size_t k = i; k < probes.end_of_hop(i); ++k) {
      hop["probes"].push_back(probe_json(options, probes, k, names));
    }
    json["hops"].push_back(std::move(hop));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace oneping::probe
