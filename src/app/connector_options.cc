#include "app/connector_options.h"

#include "app/files.h"

namespace oneping {

namespace {

// Options under construction, and the table of their settings, which refers to them.
class Builder {
 public:
  Builder() {
    table_.add("token-file", "FILE", "the tunnel's token", options_.token_file);
    table_.add_list("edge", "HOST:PORT", "edges to connect to", options_.edge);
    table_.add_number("connections", "connections to keep", options_.connections, 1, 16);
    table_.add_choice<tunnel::DatagramVersion>(
        "datagram", "datagram format to speak", options_.datagram,
        {{"v2", tunnel::DatagramVersion::v2}, {"v3", tunnel::DatagramVersion::v3}});
    table_.add("grace-period", "TIME", "how long to wait for answers when asked to stop",
               options_.grace_period);
    table_.add("admin", "ADDRESS:PORT|none", "where /ready, /healthz and /metrics are (HTTP)",
               options_.admin);
    table_.note_origin("admin", options_.admin_origin);
    add_log_options(table_, options_.log);
    table_.add_list("allow-destination", "PREFIX",
                    "destinations to allow that are refused otherwise: loopback, link-local",
                    options_.allow_destination);
    table_.add_address("hop-address.ipv4",
                       "what traceroute shows for this hop, instead of this host's own address",
                       IpFamily::v4, options_.hop_ipv4);
    table_.add_address("hop-address.ipv6", "the same for IPv6", IpFamily::v6, options_.hop_ipv6);
    table_.add_choice<bool>("hop-names", "whether this hop's Time Exceeded says its role and MTU",
                            options_.hop_names, {{"false", false}, {"true", true}});
    table_.add_number("echo-channels", "ping sockets of each kind", options_.echo_channels, 1, 64);
    table_.add_choice<IcmpBackend>(
        "icmp-backend", "how to ping: this system's way; for tests, the code for macOS on Linux",
        options_.icmp_backend,
        {{"system", IcmpBackend::system}, {"darwin-emulation", IcmpBackend::darwin_emulation}});
    table_.add_number("probes-per-second",
                      "packets that will expire at routers of one distance; faster ones wait",
                      options_.probes_per_second, 1, 1000000);
    table_.add_choice<tunnel::UdpCarriage>(
        "udp.carry", "how to carry UDP: whole packets, sessions only, off", options_.udp,
        {{"packets", tunnel::UdpCarriage::packets},
         {"sessions", tunnel::UdpCarriage::sessions},
         {"off", tunnel::UdpCarriage::off}});
    UdpMappingOptions& udp = options_.udp_mappings;
    table_.add_number("udp.mappings", "UDP sockets at most, one for each port of each client",
                      udp.max_mappings, 1, 1 << 20);
    table_.add_number_or("udp.mappings-per-client", "of one client's address at most",
                         "half of those", udp.max_mappings_per_client, 1, 1 << 20);
    table_.add_number("udp.flows", "remote ends that UDP sockets talk to, at most in all",
                      udp.max_flows, 1, 1 << 24);
    table_.add_number_or("udp.flows-per-client", "of one client's address at most", "half of those",
                         udp.max_flows_per_client, 1, 1 << 24);
    table_.add("udp.idle", "TIME", "how long UDP is remembered that nothing goes through",
               udp.idle);
    table_.add("udp.dns-idle", "TIME", "the same for DNS (port 53)", udp.dns_idle);
    table_.add("edge-ca", "FILE", "certificate authorities (PEM) to trust for the edge",
               options_.edge_ca);
    table_.add("edge-server-name", "NAME", "name in the edge's certificate",
               options_.edge_server_name);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  [[nodiscard]] const OptionTable& table() const { return table_; }

  Result<ConnectorOptions> finish(const OptionTable::Environment& environment) {
    const char* credentials = environment("CREDENTIALS_DIRECTORY");
    if (options_.token_file.empty() && credentials != nullptr) {
      const std::string token = std::string(credentials) + "/token";
      if (file_exists(token)) options_.token_file = token;
    }
    if (options_.token_file.empty()) {
      return fail("no token: give its file with --token-file (`oneping tunnel token` on the edge " +
                  std::string("makes one)"));
    }
    if (options_.token_file == "-") {
      return fail("the token must be in a file, '-' is none: give its name with --token-file");
    }
    if (options_.edge.empty()) return fail("no edge: say where it is with --edge HOST:PORT");
    return std::move(options_);
  }

 private:
  ConnectorOptions options_;
  OptionTable table_;
};

}  // namespace

Result<ConnectorOptions> load_connector_options(const OptionSources& sources) {
  Builder builder;
  if (const auto read = read_options(builder.table(), sources); !read) {
    return tl::make_unexpected(read.error());
  }
  return builder.finish(sources.environment);
}

std::vector<Setting> connector_settings() { return Builder().table().settings(); }

}  // namespace oneping
