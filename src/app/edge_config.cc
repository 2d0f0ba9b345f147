#include "app/edge_config.h"

namespace oneping {

edge::EdgeConfig make_edge_config(const EdgeOptions& options, std::int32_t config_version) {
  edge::EdgeConfig config;
  config.location = options.name;
  config.hop_v4 = options.hop_ipv4;
  config.hop_v6 = options.hop_ipv6;
  config.forwarding.unreachables = options.unreachables;
  if (options.hop_names) config.forwarding.interface_name = "edge";
  config.forwarding.error_limits = {.per_address = 1.0 * options.icmp_errors_per_second,
                                    .total = 20.0 * options.icmp_errors_per_second};
  config.device_limits = {.packets_per_second = 1.0 * options.devices.packets_per_second,
                          .flows = options.devices.flows};
  config.flow_table_size = options.flow_table_size;
  config.udp_idle = {.usual = options.udp.idle, .dns = options.udp.dns_idle};
  config.udp_by_sessions = options.udp.by_sessions;
  config.config_version = config_version;
  return config;
}

}  // namespace oneping
