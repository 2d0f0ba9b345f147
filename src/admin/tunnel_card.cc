#include "admin/tunnel_card.h"

#include <cstdio>
#include <string>

#include "admin/output.h"

namespace oneping::admin {

namespace {

constexpr std::size_t kIndent = 2;

// "10: 10.0.0.0/16, …": the API names the first ones.
Column routes() {
  return {"Routes", [](const Json& tunnel) -> Cell {
            const Json& first = field_of(tunnel, "route_prefixes");
            const Json& count = field_of(tunnel, "routes");
            if (first.empty()) return words_of(count);
            const bool are_more = count.is_number() && count.get<std::size_t>() > first.size();
            return words_of(count) + ": " + words_of(first) + (are_more ? ", …" : "");
          }};
}

// What a connector can do. Features with a value are told by other lines: how many connections,
// ICMP.
Column features() {
  return {"Features", [](const Json& connector) -> Cell {
            Json words = Json::array();
            for (const auto& feature : field_of(connector, "features")) {
              if (words_of(feature).find('=') == std::string::npos) words.push_back(feature);
            }
            return words_of(words);
          }};
}

// "available", or "unavailable: no IPv6 address".
Column icmp(std::string heading, const std::string& family) {
  return {std::move(heading), [family](const Json& connector) -> Cell {
            const Json& icmp = field_of(connector, "icmp");
            Cell cell = status_cell(words_of(field_of(icmp, family)));
            const Json& reason = field_of(icmp, "reason");
            if (cell.text == "unavailable" && !reason.empty()) cell.text += ": " + words_of(reason);
            return cell;
          }};
}

Column connections_of_wanted() {
  return {"Connections", [](const Json& connector) -> Cell {
            return std::to_string(field_of(connector, "connections").size()) + " of " +
                   words_of(field_of(connector, "wanted"));
          }};
}

Column loss() {
  return {"Loss",
          [](const Json& connection) -> Cell {
            const Json& share = field_of(connection, "loss");
            if (!share.is_number()) return words_of(share);
            char text[64];
            std::snprintf(text, sizeof text, "%.2f%%", share.get<double>() * 100);
            return Cell(text);
          },
          Align::right};
}

void print_connector(const Json& connector) {
  static const Columns kConnector = {in_words("Connector", "id"), in_words("Version", "version"),
                                     in_words("System", "arch"),  features(),
                                     connections_of_wanted(),     icmp("ICMP IPv4", "ipv4"),
                                     icmp("ICMP IPv6", "ipv6"),   in_words("UDP", "udp")};
  static const Columns kConnection = {as_number("#", "index"),
                                      in_words("Peer", "peer"),
                                      in_words("Local", "local"),
                                      as_status("State", "state"),
                                      in_words("Datagram", "datagram"),
                                      as_round_trip("RTT", "rtt_ms"),
                                      loss(),
                                      as_number("Sent", "datagrams_sent"),
                                      as_number("Lost", "datagrams_lost"),
                                      as_number("MTU", "mtu"),
                                      as_duration("Age", "age_ms")};
  std::puts("");
  print_table(card_of(kConnector, connector));
  const Json& connections = field_of(connector, "connections");
  if (!connections.empty()) print_table(table_of(kConnection, connections), kIndent);
}

}  // namespace

void print_tunnel(const Json& tunnel) {
  static const Columns kTunnel = {
      in_words("Name", "name"),
      in_words("UUID", "uuid"),
      as_status("Status", "status"),
      in_words("Has a token", "has_token"),
      as_number("Connectors", "connectors"),
      as_number("Connections", "connections"),
      as_round_trip("RTT", "rtt_ms"),
      as_duration("Uptime", "uptime_ms"),
      routes(),
      in_words("Path", "path"),
      as_time("Created", "created"),
      as_time("Last connected", "last_connected"),
      in_words("Comment", "comment"),
  };
  print_table(card_of(kTunnel, tunnel));
  for (const auto& connector : field_of(tunnel, "connector_list")) print_connector(connector);
}

}  // namespace oneping::admin
