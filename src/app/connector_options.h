// What an operator tells the connector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/log_options.h"
#include "app/option_sources.h"
#include "base/result.h"
#include "base/time.h"
#include "io/resolve.h"
#include "proxy/udp_mappings.h"
#include "tunnel/announcement.h"
#include "tunnel/datagram_format.h"
#include "tunnel/protocol.h"
#include "wire/ip_address.h"

namespace oneping {

// How echo requests leave: as this system lets them, or, for tests, by the code for another system
// over what stands in for its sockets. That needs CAP_NET_RAW.
enum class IcmpBackend : std::uint8_t { system, darwin_emulation };

struct ConnectorOptions {
  // The service manager's $CREDENTIALS_DIRECTORY/token if nothing else is said.
  std::string token_file;
  std::vector<HostPort> edge;
  std::uint8_t connections = 4;
  tunnel::DatagramVersion datagram = tunnel::DatagramVersion::v3;
  Duration grace_period = std::chrono::seconds(5);
  std::optional<SocketAddress> admin = SocketAddress::parse("127.0.0.1:9791");
  std::string admin_origin = "the default";  // where `admin` was said, for errors
  LogOptions log;
  // Destinations that are refused unless named here: loopback, link-local, metadata.
  std::vector<Prefix> allow_destination;
  std::optional<IpAddress> hop_ipv4;
  std::optional<IpAddress> hop_ipv6;
  bool hop_names = false;
  std::uint16_t echo_channels = 16;
  IcmpBackend icmp_backend = IcmpBackend::system;
  std::uint32_t probes_per_second = 100;
  tunnel::UdpCarriage udp = tunnel::UdpCarriage::packets;
  UdpMappingOptions udp_mappings;
  std::string edge_ca;  // a PEM file; empty: the token's pin, else the system's roots
  std::string edge_server_name = tunnel::kServerName;
};

[[nodiscard]] Result<ConnectorOptions> load_connector_options(const OptionSources& sources);

// Settings as flags need them, with their defaults.
[[nodiscard]] std::vector<Setting> connector_settings();

}  // namespace oneping
