#include "control/connector_view.h"

#include "control/answers.h"
#include "control/view.h"

namespace oneping::control {

namespace {

Json show_connection(const edge::ConnectionStatus& connection) {
  const char* state = connection.is_draining ? "draining"
                      : connection.is_silent ? "silent"
                                             : "ready";
  const auto sent = std::max<std::uint64_t>(1, connection.datagrams_sent);
  const double loss = static_cast<double>(connection.datagrams_lost) / static_cast<double>(sent);
  return {{"index", connection.index},
          {"peer", connection.peer.to_string()},
          {"local", connection.local.to_string()},
          {"datagram", connection.datagram == tunnel::DatagramVersion::v2 ? "v2" : "v3"},
          {"rtt_ms", milliseconds_or_null(connection.rtt)},
          {"loss", loss},
          {"datagrams_sent", connection.datagrams_sent},
          {"datagrams_lost", connection.datagrams_lost},
          {"mtu", connection.mtu},
          {"age_ms", milliseconds_or_null(connection.age)},
          {"state", state}};
}

std::vector<FieldInfo> connection_fields() {
  return {
      answered("index", schema::integer(), "of its connector"),
      answered("peer", schema::text(), "where the connector is seen from the edge"),
      answered("local", schema::text(), "the edge's end"),
      answered("datagram", schema::one_of({"v2", "v3"}), "version of the datagrams"),
      answered("rtt_ms", schema::nullable(schema::number()), "smoothed round trip"),
      answered("loss", schema::number(), "0 to 1, of what the edge has sent"),
      answered("datagrams_sent", schema::integer(), "by the edge"),
      answered("datagrams_lost", schema::integer(), "of them, on the way"),
      answered("mtu", schema::integer(), "the largest IP packet that it carries now"),
      answered("age_ms", schema::nullable(schema::number()), "since it was made"),
      answered("state", schema::one_of({"ready", "silent", "draining"}),
               "silent: nothing is heard; draining: it leaves"),
  };
}

Json icmp_schema() {
  const Json state = schema::one_of({"available", "unavailable", "unknown"});
  return {{"type", "object"},
          {"additionalProperties", false},
          {"properties", {{"ipv4", state}, {"ipv6", state}, {"reason", schema::text()}}},
          {"required", {"ipv4", "ipv6", "reason"}}};
}

std::vector<FieldInfo> connector_fields() {
  return {
      answered("id", schema::text("uuid"), "of the running process"),
      answered("version", schema::text(), "of its software"),
      answered("arch", schema::text(), "of its host"),
      answered("features", schema::list_of(schema::text()), "what it announces"),
      answered("wanted", schema::integer(), "how many connections it keeps"),
      answered("icmp", icmp_schema(), "whether it can ping, and why not"),
      answered("udp", schema::one_of({"packets", "sessions", "off"}),
               "how it carries UDP: as whole packets, by the protocol's sessions, not at all"),
      answered("connections", schema::list_of(schema::component("Connection")),
               "those that it has"),
  };
}

}  // namespace

Json show_connector(const edge::ConnectorStatus& connector) {
  Json connections = Json::array();
  for (const auto& connection : connector.connections) {
    connections.push_back(show_connection(connection));
  }
  const bool any = !connector.connections.empty();  // what it says of itself, each one says
  return {{"id", oneping::to_string(connector.id)},
          {"version", any ? connector.connections.front().version : ""},
          {"arch", any ? connector.connections.front().arch : ""},
          {"features", any ? Json(connector.connections.front().features) : Json::array()},
          {"wanted", connector.wanted},
          {"icmp",
           {{"ipv4", to_string(connector.icmp_v4)},
            {"ipv6", to_string(connector.icmp_v6)},
            {"reason", connector.icmp_reason}}},
          {"udp", tunnel::to_string(connector.udp)},
          {"connections", connections}};
}

void define_connectors(Endpoints& endpoints) {
  endpoints.define("Connector", answer_schema(connector_fields()));
  endpoints.define("Connection", answer_schema(connection_fields()));
}

}  // namespace oneping::control
