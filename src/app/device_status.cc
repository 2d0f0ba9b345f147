#include "app/device_status.h"

#include <cstdio>

#include "admin/output.h"
#include "base/timestamp.h"

namespace oneping {

namespace {

using Json = nlohmann::ordered_json;

double in_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string time_text(device::WallTime time) {
  return timestamp_text(std::chrono::time_point_cast<std::chrono::milliseconds>(time));
}

// When something was that happened at `then` by the clock of packets.
std::string time_text(const DeviceReport& report, Time then) {
  return time_text(report.today -
                   std::chrono::duration_cast<std::chrono::seconds>(report.now - then));
}

template <typename T>
Json texts(const std::vector<T>& values) {
  Json all = Json::array();
  for (const T& value : values) all.push_back(value.to_string());
  return all;
}

Json counts(const TrafficCounters& traffic) {
  return {{"packets", traffic.packets.in()},
          {"forwarded", traffic.packets.forwarded()},
          {"answered", traffic.packets.answered()},
          {"dropped", traffic.packets.dropped()}};
}

std::string lines_as_one(std::string lines) {
  while (!lines.empty() && lines.back() == '\n') lines.pop_back();
  for (std::size_t at = 0; (at = lines.find('\n', at)) != lines.npos; at += 2) {
    lines.replace(at, 1, "; ");
  }
  return lines;
}

admin::Cell loss(const Json& status) {
  const auto sent = status.value("datagrams_sent", std::uint64_t{0});
  const auto lost = status.value("datagrams_lost", std::uint64_t{0});
  char text[96];
  std::snprintf(text, sizeof text, "%llu sent, %llu lost (%.2g %%)",
                static_cast<unsigned long long>(sent), static_cast<unsigned long long>(lost),
                sent == 0 ? 0 : 100 * static_cast<double>(lost) / static_cast<double>(sent));
  return {text};
}

// Of many the first ones.
admin::Cell routes(const Json& status) {
  constexpr std::size_t kShown = 16;
  const Json& all = admin::field_of(status, "routes");
  Json shown = Json::array();
  for (std::size_t i = 0; i < all.size() && i < kShown; ++i) shown.push_back(all[i]);
  std::string text = admin::words_of(shown);
  if (all.size() > kShown) text += " and " + std::to_string(all.size() - kShown) + " more";
  return {text};
}

admin::Cell state(const Json& status) {
  const std::string word = status.value("state", "");
  return {word, word == "open" ? admin::Tone::good : admin::Tone::bad};
}

admin::Cell last_problem(const Json& status) {
  const Json& problem = admin::field_of(status, "last_problem");
  return {problem.is_object() ? problem.value("text", "") + " (" + problem.value("time", "") + ")"
                              : "-"};
}

}  // namespace

Json to_json(const DeviceReport& report) {
  const device::SessionStatus& session = report.session;
  Json json{{"schema", 1},
            {"state", to_string(session.state)},
            {"since", time_text(report, session.since)},
            {"device", report.stored.name},
            {"id", report.stored.id},
            {"edge", report.stored.edge.to_string()},
            {"edge_address", nullptr},
            {"local_address", nullptr},
            {"interface", report.interface},
            {"mtu", report.plan.mtu},
            {"addresses", texts(report.plan.addresses)},
            {"routes", texts(report.plan.routes)},
            {"routes_left_out", report.routes_left_out},
            {"interface_problems", lines_as_one(report.interface_problems)},
            {"rtt_ms", nullptr},
            {"path_mtu", nullptr},
            {"sessions", session.sessions},
            {"datagrams_sent", session.sent},
            {"datagrams_lost", session.lost},
            {"to_edge", counts(report.path.to_edge())},
            {"from_edge", counts(report.path.from_edge())},
            {"certificate_until", time_text(report.certificate.not_after)},
            {"last_problem", nullptr}};
  if (session.path) {
    json["edge_address"] = session.path->remote.to_string();
    json["local_address"] = session.path->local.to_string();
    json["rtt_ms"] = in_milliseconds(session.round_trip);
    json["path_mtu"] = session.packet_size;
  }
  if (const auto& problem = session.last_problem) {
    json["last_problem"] = {{"kind", to_string(problem->trouble)},
                            {"text", problem->text},
                            {"time", time_text(report, session.last_problem_at)}};
  }
  return json;
}

std::string summary(const DeviceReport& report) {
  std::string text;
  for (const IpAddress& address : report.plan.addresses) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  const std::size_t routes = report.plan.routes.size();
  return text + "; " + std::to_string(routes) + (routes == 1 ? " route" : " routes");
}

void print_status(const Json& status, bool as_json) {
  using namespace admin;
  static const Columns kColumns = {{"State", state},
                                   as_time("Since", "since"),
                                   in_words("Device", "device"),
                                   in_words("Edge", "edge"),
                                   in_words("Edge's address", "edge_address"),
                                   in_words("Local address", "local_address"),
                                   in_words("Interface", "interface"),
                                   in_words("MTU", "mtu"),
                                   in_words("Addresses", "addresses"),
                                   {"Routes", routes},
                                   in_words("Not routed", "interface_problems"),
                                   as_round_trip("Round trip to the edge", "rtt_ms"),
                                   {"Datagrams", loss},
                                   as_time("Certificate until", "certificate_until"),
                                   {"Last problem", last_problem}};
  if (as_json) return print_json(status);
  Table card;
  // A card's values stand at the left, numbers too.
  for (const Column& column : kColumns) card.add_row({Cell(column.heading), column.cell(status)});
  print_table(card);
}

}  // namespace oneping
