#include "probe/mtr_json.h"

#include <cstdlib>

#include "probe/format.h"
#include "probe/milliseconds.h"
#include "probe/mtr_names.h"

namespace oneping::probe {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

// mtr writes five digits.
double rounded(int thousandths) {
  return std::strtod(format("%.5g", thousandths / 1000.0).c_str(), nullptr);
}

void put(Json& hub, const MtrField& field, const HopStatistics& hop) {
  const std::string title(field.title);
  switch (field.kind) {
    case MtrField::Kind::space: break;
    case MtrField::Kind::count: hub[title] = field.value(hop); break;
    case MtrField::Kind::percent:
    case MtrField::Kind::time: hub[title] = rounded(field.value(hop)); break;
  }
}

Json head(const MtrOptions& options) {
  return {{"src", options.local_host},
          {"dst", options.host},
          {"tos", options.traffic_class},
          {"tests", options.count.value_or(0)},
          {"psize", std::to_string(options.packet_size)},
          {"bitpattern", format("0x%02X", options.bit_pattern)}};
}

void put_more(Json& hub, const MtrOptions& options, unsigned ttl, const MtrHop& hop) {
  for (const MtrField& field : jitter_mtr_fields()) {
    const bool is_jitter = field.title.starts_with('J');
    if (is_jitter && !hub.contains(field.title)) put(hub, field, hop.statistics);
  }
  if (hop.address) {
    const auto role = role_of(options.roles, ttl, *hop.address, options.destination);
    if (!role.empty()) hub["role"] = role;
  }
  if (hop.mtu) hub["mtu"] = *hop.mtu;
  if (hop.is_unreachable) hub["unreachable"] = true;
  for (const IpAddress& address : hop.addresses) hub["addresses"].push_back(address.to_string());
}

Json hub(const MtrOptions& options, unsigned ttl, const MtrHop& hop, NameBook& names) {
  Json json = {{"count", ttl}, {"host", mtr_host(hop.address, names, mtr_host_style(options))}};
  for (const MtrField& field : options.fields) put(json, field, hop.statistics);
  put_more(json, options, ttl, hop);
  return json;
}

}  // namespace

std::string mtr_json(const MtrOptions& options, const MtrPath& path, NameBook& names,
                     const Legs& legs) {
  Json hubs = Json::array();
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    hubs.push_back(hub(options, ttl, path.hop(ttl), names));
  }
  Json json = {{"report", {{"mtr", head(options)}, {"hubs", std::move(hubs)}}},
               {"schema", kSchema}};
  if (const auto times = path.split(legs)) json["legs_ms"] = legs_json(*times);
  return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace oneping::probe
