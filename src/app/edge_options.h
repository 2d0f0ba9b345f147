// What an operator tells the edge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/log_options.h"
#include "app/option_sources.h"
#include "base/result.h"
#include "base/time.h"
#include "forward/error_for_drop.h"
#include "io/interface_address.h"
#include "tunnel/protocol.h"
#include "wire/ip_address.h"

namespace oneping {

struct EdgeOptions {
  struct Tun {
    std::string name = "oneping0";
    int mtu = 1500;
    std::vector<InterfaceAddress> addresses;
    // Who sends what comes in here, for policies and the flow log.
    std::string device = "edge";
    std::string user;  // empty: nobody
    std::vector<std::string> tags;
    std::string vnet = "default";
  };
  struct Api {
    std::string socket = "/run/oneping/edge.sock";  // "none": no socket
    std::string group;                              // who may open it besides its owner
    std::optional<SocketAddress> listen;            // by TCP
  };
  struct Devices {
    Prefix ipv4 = *Prefix::parse("100.96.0.0/12");  // their virtual addresses
    std::optional<Prefix> ipv6;                     // nothing: one that is this edge's own
    std::uint32_t packets_per_second = 100'000;     // of each
    std::size_t flows = 65536;                      // of each
  };
  struct FlowLog {
    std::string file;  // empty: flows.jsonl in the state folder; "none": no flow log
    std::uint64_t max_size = 64 << 20;
  };

  std::vector<SocketAddress> listen = {*SocketAddress::parse("0.0.0.0:7844"),
                                       *SocketAddress::parse("[::]:7844")};
  std::string listen_origin = "the default";  // where `listen` was said, for errors
  std::string state = "/var/lib/oneping/edge";
  std::string name;  // where the edge is, for people
  std::vector<std::string> server_names = {tunnel::kServerName};
  std::optional<IpAddress> hop_ipv4;
  std::optional<IpAddress> hop_ipv6;
  bool hop_names = false;
  std::optional<Tun> tun;
  Unreachables unreachables = Unreachables::tell;
  std::optional<SocketAddress> admin = SocketAddress::parse("127.0.0.1:9790");
  std::string admin_origin = "the default";
  LogOptions log;
  std::uint32_t icmp_errors_per_second = 1000;
  std::size_t flow_table_size = 262144;
  std::size_t max_connections = 16384;
  Devices devices;
  Api api;
  std::string api_socket_origin = "the default";
  std::string api_listen_origin = "the default";
  FlowLog flow_log;
  struct Udp {
    bool by_sessions = false;  // even where whole packets could go
    Duration idle = std::chrono::minutes(5);
    Duration dns_idle = std::chrono::seconds(30);
  };
  Udp udp;
};

// Also for loading the file again while the edge runs: an error leaves the old options in force.
[[nodiscard]] Result<EdgeOptions> load_edge_options(const OptionSources& sources);

// Settings as flags need them, with their defaults.
[[nodiscard]] std::vector<Setting> edge_settings();

// Options from the text of a file alone. `file_name` is for errors.
[[nodiscard]] Result<EdgeOptions> parse_edge_options(std::string_view text,
                                                     const std::string& file_name);

}  // namespace oneping
