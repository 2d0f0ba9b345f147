#include "app/edge_options.h"

#include <unistd.h>

#include "app/yaml_file.h"

namespace oneping {

namespace {

// Larger packets than this fit no packet buffer.
constexpr std::uint64_t kMaxTunMtu = 1920;
constexpr std::uint64_t kMinTunMtu = 1280;  // IPv6's least (RFC 8200, 5)

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "edge";
  return name;
}

// Options under construction, and the table of their settings, which refers to them.
class Builder {
 public:
  Builder() {
    options_.name = host_name();
    table_.add_list("listen", "ADDRESS:PORT", "where connectors reach this edge (UDP)",
                    options_.listen, 1);
    table_.note_origin("listen", options_.listen_origin);
    table_.add("state", "FOLDER", "where the edge keeps its keys and what it was told",
               options_.state);
    table_.add("name", "NAME", "where this edge is, for people", options_.name);
    table_.add_list("server-names", "NAME", "names that the edge's certificate is made for",
                    options_.server_names, 1);
    table_.add_address("hop-address.ipv4", "what traceroute shows for this hop", IpFamily::v4,
                       options_.hop_ipv4);
    table_.add_address("hop-address.ipv6", "the same for IPv6", IpFamily::v6, options_.hop_ipv6);
    table_.add_choice<bool>("hop-names", "whether this hop's Time Exceeded says its role and MTU",
                            options_.hop_names, {{"false", false}, {"true", true}});
    table_.note_section("tun", has_tun_);
    table_.add("tun.name", "NAME", "TUN device for packets from this machine", tun_.name);
    table_.add_number("tun.mtu", "its MTU in bytes", tun_.mtu, kMinTunMtu, kMaxTunMtu);
    table_.add_list("tun.addresses", "ADDRESS/LENGTH", "its addresses", tun_.addresses);
    table_.add("tun.device", "NAME", "what policies call this device", tun_.device);
    table_.add("tun.user", "NAME", "whose device it is", tun_.user);
    table_.add_list("tun.tags", "TAG", "its tags", tun_.tags);
    table_.add("tun.vnet", "NAME", "virtual network that it is in", tun_.vnet);
    table_.add_choice<Unreachables>(
        "unreachables", "ICMP errors that say why, or silence", options_.unreachables,
        {{"tell", Unreachables::tell}, {"silent", Unreachables::silent}});
    table_.add("admin", "ADDRESS:PORT|none", "where /ready, /healthz and /metrics are (HTTP)",
               options_.admin);
    table_.note_origin("admin", options_.admin_origin);
    add_log_options(table_, options_.log);
    table_.add_number("icmp-errors-per-second",
                      "ICMP errors a second to one receiver; in all 20 times as many",
                      options_.icmp_errors_per_second, 1, 1000000);
    table_.add_number("flow-table-size", "flows that the edge remembers at most",
                      options_.flow_table_size, 16, 1 << 24);
    table_.add_number("max-connections", "QUIC connections of connectors and devices at most",
                      options_.max_connections, 16, 1 << 20);
    table_.add_network("devices.ipv4", "where the virtual addresses of devices come from",
                       IpFamily::v4, devices_ipv4_);
    table_.add_network("devices.ipv6", "the same for IPv6 (default one of this edge's own)",
                       IpFamily::v6, options_.devices.ipv6);
    table_.add_number("devices.packets-per-second", "packets a second of each device at most",
                      options_.devices.packets_per_second, 1, 1 << 30);
    table_.add_number("devices.flows", "flows of each device at most", options_.devices.flows, 1,
                      1 << 24);
    table_.add_choice<bool>("udp.carry", "how UDP goes to connectors that take whole packets",
                            options_.udp.by_sessions, {{"packets", false}, {"sessions", true}});
    table_.add("udp.idle", "TIME", "how long a UDP flow is remembered that nothing goes through",
               options_.udp.idle);
    table_.add("udp.dns-idle", "TIME", "the same for DNS (port 53)", options_.udp.dns_idle);
    table_.add("api.socket", "FILE|none", "Unix socket of the control API", options_.api.socket);
    table_.note_origin("api.socket", options_.api_socket_origin);
    table_.add("api.group", "NAME", "group that may open it besides its owner", options_.api.group);
    table_.add("api.listen", "ADDRESS:PORT|none", "the control API by TCP, with tokens (HTTP)",
               options_.api.listen);
    table_.note_origin("api.listen", options_.api_listen_origin);
    table_.add("flow-log.file", "FILE|none",
               "JSON lines of verdicts on flows (default flows.jsonl in the state folder)",
               options_.flow_log.file);
    table_.add_number("flow-log.max-size",
                      "bytes after which the file becomes FILE.1 and a new one begins",
                      options_.flow_log.max_size, 1 << 16, std::uint64_t{1} << 40);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  [[nodiscard]] const OptionTable& table() const { return table_; }

  EdgeOptions finish() {
    if (has_tun_) options_.tun = tun_;
    options_.devices.ipv4 = *devices_ipv4_;
    return std::move(options_);
  }

 private:
  EdgeOptions options_;
  EdgeOptions::Tun tun_;
  bool has_tun_ = false;
  std::optional<Prefix> devices_ipv4_ = options_.devices.ipv4;
  OptionTable table_;
};

}  // namespace

Result<EdgeOptions> load_edge_options(const OptionSources& sources) {
  Builder builder;
  if (const auto read = read_options(builder.table(), sources); !read) {
    return tl::make_unexpected(read.error());
  }
  return builder.finish();
}

Result<EdgeOptions> parse_edge_options(std::string_view text, const std::string& file_name) {
  Builder builder;
  if (const auto read = builder.table().read_yaml(text, file_name); !read) {
    return tl::make_unexpected(read.error());
  }
  return builder.finish();
}

std::vector<Setting> edge_settings() { return Builder().table().settings(); }

}  // namespace oneping
