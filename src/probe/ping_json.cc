#include "probe/ping_json.h"

#include <nlohmann/json.hpp>

#include "probe/error_words.h"
#include "probe/milliseconds.h"

namespace oneping::probe {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

}  // namespace

std::string PingJson::begin(const PingOptions& options) {
  const Json head = {{"schema", kSchema},
                     {"host", options.host},
                     {"source", options.source.to_string()},
                     {"destination", options.destination.to_string()},
                     {"size", options.size}};
  // A name may hold anything: what is no UTF-8 is replaced.
  std::string text = head.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.back() = ',';  // the object goes on
  return text + "\n\"answers\":[";
}

std::string PingJson::reply(const Answer& reply, const ProbeTable::Match& match, const Legs& legs) {
  Json json = {{"sequence", reply.identity.sequence},
               {"from", reply.from.to_string()},
               {"bytes", reply.payload.size() + kIcmpHeaderSize},
               {"ttl", reply.hop_limit},
               {"rtt_ms", milliseconds(match.round_trip)}};
  if (const auto times = legs.of(match.round_trip)) {
    json["legs_ms"] = legs_json(*times);
  }
  if (match.is_duplicate) json["duplicate"] = true;
  if (!match.from_destination) json["different_address"] = true;
  return element(json.dump());
}

std::string PingJson::error(const Answer& error) {
  Json json = {{"sequence", error.identity.sequence},
               {"from", error.from.to_string()},
               {"error", ping_words(error)},
               {"type", error.type},
               {"code", error.code}};
  if (const auto mtu = error.mtu()) json["mtu"] = *mtu;
  return element(json.dump());
}

std::string PingJson::refusal(std::uint16_t sequence, const Refusal& refusal) {
  Json json = {
      {"sequence", sequence}, {"error", refusal.text()}, {"reason", to_string(refusal.reason)}};
  if (refusal.reason == DropReason::too_big) json["mtu"] = refusal.mtu;
  return element(json.dump());
}

std::string PingJson::end(const PingStatistics& statistics, const LegAverages& legs,
                          Duration elapsed) {
  Json summary = {{"transmitted", statistics.sent()},          {"received", statistics.received()},
                  {"duplicates", statistics.duplicates()},     {"errors", statistics.errors()},
                  {"loss_percent", statistics.loss_percent()}, {"time_ms", milliseconds(elapsed)}};
  if (statistics.received() > 0) {
    const auto ms = [](PingStatistics::Microseconds time) {
      return static_cast<double>(time) / 1000.0;
    };
    summary["rtt_ms"] = {{"min", ms(statistics.shortest())},
                         {"avg", ms(statistics.average())},
                         {"max", ms(statistics.longest())},
                         {"mdev", ms(statistics.deviation())}};
  }
  if (const auto averages = legs.averages()) summary["legs_ms"] = legs_json(*averages);
  return "\n],\n\"summary\":" + summary.dump() + "}\n";
}

std::string PingJson::element(const std::string& json) {
  std::string text = has_elements_ ? ",\n" : "\n";
  has_elements_ = true;
  return text + json;
}

}  // namespace oneping::probe
