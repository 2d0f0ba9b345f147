// /tunnels/{tunnel}/history: how a tunnel was over the last day.
#include "control/answers.h"
#include "control/tunnel_history.h"
#include "control/view.h"

namespace oneping::control {

namespace {

struct HistoryFilter {
  std::optional<Timestamp> since;
};

Json show_sample(const TunnelSample& sample) {
  return {{"time", timestamp_text(sample.time)},
          {"status", to_string(sample.status)},
          {"connections", sample.connections},
          {"rtt_ms", milliseconds_or_null(sample.rtt)},
          {"loss", sample.loss}};
}

Outcome<ApiResponse> show_history(const Call& call, const HistoryFilter& filter) {
  const auto uuid = call.control.read([&](const Directory& directory) -> Outcome<Uuid> {
    const auto tunnel = subject<Tunnel>(directory, call.parameter());
    if (!tunnel) return refusal_of(tunnel);
    return (*tunnel)->uuid;
  });
  if (!uuid) return refusal_of(uuid);
  Json samples = Json::array();
  for (const TunnelSample& sample :
       call.control.tunnel_history().of(*uuid, filter.since.value_or(kFirstTimestamp))) {
    samples.push_back(show_sample(sample));
  }
  const auto interval = std::chrono::milliseconds(TunnelHistory::kInterval);
  return respond({{"interval_ms", interval.count()}, {"samples", std::move(samples)}});
}

std::vector<FieldInfo> sample_answer() {
  return {
      answered("time", schema::text("date-time"), "the end of its minute"),
      answered("status", schema::one_of({"healthy", "degraded", "down"}), "the worst of it"),
      answered("connections", schema::integer(), "of all connectors, at its end"),
      answered("rtt_ms", schema::nullable(schema::number()), "the best of its connections"),
      answered("loss", schema::number(), "0 to 1, of what the edge sent in it"),
  };
}

}  // namespace

void add_tunnel_history_endpoints(Endpoints& endpoints) {
  endpoints.define("TunnelHistory",
                   answer_schema(std::vector<FieldInfo>{
                       answered("interval_ms", schema::integer(), "between two samples"),
                       answered("samples", schema::list_of(answer_schema(sample_answer())),
                                "of the last day, the oldest first")}));
  endpoints.add({"GET", "/tunnels/{tunnel}/history", "Shows how a tunnel was over the last day",
                 Access::read, answers("TunnelHistory")},
                Query<HistoryFilter>{{field<HistoryFilter>(
                    "since", Use::optional, &HistoryFilter::since, "only from then on")}},
                show_history);
}

}  // namespace oneping::control
