#include "app/connector_options.h"

#include <gtest/gtest.h>

#include <map>

#include "app/testing/folder.h"

namespace oneping {
namespace {

class ConnectorOptionsTest : public ::testing::Test {
 protected:
  ConnectorOptionsTest() {
    sources.environment = [this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
    sources.flags = {{"token-file", {"/t"}}, {"edge", {"edge.example:7844"}}};
  }
  std::string error() {
    const auto options = load_connector_options(sources);
    return options ? "no error" : options.error().message;
  }

  TestingFolder folder;
  std::map<std::string, std::string> variables;
  OptionSources sources;
};

TEST_F(ConnectorOptionsTest, Defaults) {
  const auto options = load_connector_options(sources);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->token_file, "/t");
  EXPECT_EQ(options->edge, (std::vector<HostPort>{{"edge.example", 7844}}));
  EXPECT_EQ(options->connections, 4);
  EXPECT_EQ(options->datagram, tunnel::DatagramVersion::v3);
  EXPECT_EQ(options->grace_period, std::chrono::seconds(5));
  EXPECT_EQ(options->admin->to_string(), "127.0.0.1:9791");
  EXPECT_EQ(options->echo_channels, 16);
  EXPECT_EQ(options->icmp_backend, IcmpBackend::system);
  EXPECT_EQ(options->udp, tunnel::UdpCarriage::packets);
  EXPECT_EQ(options->udp_mappings.max_mappings, 50'000u);
  EXPECT_EQ(options->udp_mappings.max_mappings_per_client, std::nullopt) << "half";
  EXPECT_EQ(options->udp_mappings.max_flows_per_client, std::nullopt);
  EXPECT_EQ(options->udp_mappings.idle, std::chrono::minutes(5));
  EXPECT_EQ(options->udp_mappings.dns_idle, std::chrono::seconds(30));
  EXPECT_EQ(options->edge_server_name, "quic.cftunnel.com");
}

TEST_F(ConnectorOptionsTest, EverythingFromAFile) {
  sources.flags = {};
  sources.file = folder.put("connector.yml", R"(
token-file: /etc/token
edge: [a.example:1, "[2001:db8::1]:2", 192.0.2.1:3]
connections: 16
datagram: v2
grace-period: 1500ms
admin: "[::1]:80"
allow-destination: [169.254.0.0/16]
hop-address: {ipv4: 10.0.0.1, ipv6: fd00::1}
hop-names: true
echo-channels: 64
icmp-backend: darwin-emulation
probes-per-second: 10
udp: {carry: sessions, mappings: 100, mappings-per-client: 10, flows: 200, flows-per-client: 20,
      idle: 3m, dns-idle: 10s}
edge-ca: /ca.pem
edge-server-name: edge.example
)");
  const auto options = load_connector_options(sources);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->edge,
            (std::vector<HostPort>{{"a.example", 1}, {"2001:db8::1", 2}, {"192.0.2.1", 3}}));
  EXPECT_EQ(options->connections, 16);
  EXPECT_EQ(options->datagram, tunnel::DatagramVersion::v2);
  EXPECT_EQ(options->grace_period, std::chrono::milliseconds(1500));
  EXPECT_EQ(options->admin->to_string(), "[::1]:80");
  EXPECT_EQ(options->allow_destination, std::vector{*Prefix::parse("169.254.0.0/16")});
  EXPECT_EQ(options->hop_ipv4, IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(options->hop_ipv6, IpAddress::parse("fd00::1"));
  EXPECT_TRUE(options->hop_names);
  EXPECT_EQ(options->echo_channels, 64);
  EXPECT_EQ(options->icmp_backend, IcmpBackend::darwin_emulation);
  EXPECT_EQ(options->probes_per_second, 10u);
  EXPECT_EQ(options->udp, tunnel::UdpCarriage::sessions);
  EXPECT_EQ(options->udp_mappings.max_mappings, 100u);
  EXPECT_EQ(options->udp_mappings.max_mappings_per_client, 10u);
  EXPECT_EQ(options->udp_mappings.max_flows, 200u);
  EXPECT_EQ(options->udp_mappings.max_flows_per_client, 20u);
  EXPECT_EQ(options->udp_mappings.idle, std::chrono::minutes(3));
  EXPECT_EQ(options->udp_mappings.dns_idle, std::chrono::seconds(10));
  EXPECT_EQ(options->edge_ca, "/ca.pem");
  EXPECT_EQ(options->edge_server_name, "edge.example");
}

TEST_F(ConnectorOptionsTest, TokenFromTheServiceManagerUnlessAFileIsNamed) {
  sources.flags.erase("token-file");
  variables["CREDENTIALS_DIRECTORY"] = folder.path();
  EXPECT_NE(error().find("no token"), std::string::npos) << "there is no such file yet";
  folder.put("token", "x");
  EXPECT_EQ(load_connector_options(sources)->token_file, folder / "token");
  sources.flags["token-file"] = {"/mine"};
  EXPECT_EQ(load_connector_options(sources)->token_file, "/mine");
}

TEST_F(ConnectorOptionsTest, EdgesFromTheEnvironment) {
  sources.flags.erase("edge");
  EXPECT_EQ(error(), "no edge: say where it is with --edge HOST:PORT");
  variables["ONEPING_EDGE"] = "a:1,[::1]:2";
  EXPECT_EQ(load_connector_options(sources)->edge, (std::vector<HostPort>{{"a", 1}, {"::1", 2}}));
}

TEST_F(ConnectorOptionsTest, Errors) {
  struct Case {
    const char* key;
    const char* text;
    const char* error;
  };
  const Case cases[] = {
      {"token-file", "-",
       "the token must be in a file, '-' is none: give its name with --token-file"},
      {"token-file", "", "--token-file: is empty"},
      {"connections", "0", "--connections: '0' is not a whole number from 1 to 16"},
      {"connections", "17", "--connections: '17' is not a whole number from 1 to 16"},
      {"echo-channels", "65", "--echo-channels: '65' is not a whole number from 1 to 64"},
      {"udp.carry", "yes", "--udp-carry: 'yes' is not one of packets|sessions|off"},
      {"datagram", "v4", "--datagram: 'v4' is not one of v2|v3"},
      {"edge", "edge.example",
       "--edge: 'edge.example' is not HOST:PORT: write for example edge.example.net:7844 or "
       "[2001:db8::1]:7844"},
      {"grace-period", "30",
       "--grace-period: '30' is not a duration: write for example 30s, 500ms or 2m"},
  };
  for (const auto& c : cases) {
    const auto before = sources.flags;
    sources.flags[c.key] = {c.text};
    EXPECT_EQ(error(), c.error);
    sources.flags = before;
  }
}

}  // namespace
}  // namespace oneping
