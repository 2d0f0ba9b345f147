// What the connector is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forward/forwarder.h"
#include "forward/probe_pacer.h"
#include "proxy/echo_proxy.h"
#include "proxy/udp_proxy.h"
#include "tunnel/announcement.h"
#include "tunnel/datagram_format.h"
#include "tunnel/registration.h"

namespace oneping::connector {

struct ConnectorConfig {
  // From the token.
  Uuid tunnel_id{};
  std::string account;
  std::vector<std::uint8_t> secret;  // never logged

  Uuid connector_id{};  // new for every process
  std::string version;  // of this software, as the edge shows it
  std::string arch;
  std::uint8_t connections = 4;  // to the edge, at least 1
  tunnel::DatagramVersion datagram = tunnel::DatagramVersion::v3;
  // Why this host does not let us ping, by family, as the edge is told. Nothing: it does.
  std::optional<std::string> icmp_v4_unavailable;
  std::optional<std::string> icmp_v6_unavailable;
  // What traceroute shows for this hop; by default the address that this host uses towards the
  // destination.
  std::optional<IpAddress> hop_v4;
  std::optional<IpAddress> hop_v6;
  // Beyond the 1280 bytes of the protocol's other software, as which tests also play.
  bool takes_large_packets = true;
  // When asked to stop, how long at most to wait for answers that are still under way.
  Duration grace_period = std::chrono::seconds(5);
  Forwarder::Options forwarding;
  ProbePacer::Options probes;
  EchoProxy::Options echo;
  tunnel::UdpCarriage udp_carriage = tunnel::UdpCarriage::packets;
  UdpProxy::Options udp;
};

}  // namespace oneping::connector
