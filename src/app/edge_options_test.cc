#include "app/edge_options.h"

#include <gtest/gtest.h>

#include <map>

#include "app/testing/folder.h"

namespace oneping {
namespace {

OptionTable::Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

TEST(EdgeOptions, EmptyFileGivesTheDefaults) {
  const auto options = parse_edge_options("", "edge.yml");
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->listen.size(), 2u);
  EXPECT_EQ(options->listen[0].to_string(), "0.0.0.0:7844");
  EXPECT_EQ(options->listen[1].to_string(), "[::]:7844");
  EXPECT_EQ(options->server_names, std::vector<std::string>{"quic.cftunnel.com"});
  EXPECT_EQ(options->admin->to_string(), "127.0.0.1:9790");
  EXPECT_FALSE(options->name.empty());
  EXPECT_FALSE(options->tun);
  EXPECT_EQ(options->api.socket, "/run/oneping/edge.sock");
  EXPECT_FALSE(options->api.listen);
}

TEST(EdgeOptions, WholeFile) {
  const auto options = parse_edge_options(R"(
listen: [192.0.2.1:7844, "[fd00::1]:7844"]
state: /tmp/state
name: lab
server-names: [a.example, b.example]
hop-address:
  ipv4: 172.68.101.57
  ipv6: fd00::57
tun:
  name: tun7
  mtu: 1400
  addresses: [100.96.0.1/32, "fd00:100::1/64"]
  device: desk
  user: alice
  tags: [office, fixed]
  vnet: blue
hop-names: true
unreachables: silent
admin: none
log: {level: debug, format: json}
icmp-errors-per-second: 10
flow-table-size: 1024
udp: {carry: sessions, idle: 3m, dns-idle: 10s}
api: {socket: /tmp/api.sock, group: net, listen: "127.0.0.1:9780"}
flow-log: {file: /tmp/flows, max-size: 100000}
)",
                                          "edge.yml");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->listen[1].to_string(), "[fd00::1]:7844");
  EXPECT_EQ(options->state, "/tmp/state");
  EXPECT_EQ(options->name, "lab");
  EXPECT_EQ(options->server_names.size(), 2u);
  EXPECT_EQ(options->hop_ipv4->to_string(), "172.68.101.57");
  EXPECT_EQ(options->hop_ipv6->to_string(), "fd00::57");
  EXPECT_TRUE(options->hop_names);
  ASSERT_TRUE(options->tun);
  EXPECT_EQ(options->tun->name, "tun7");
  EXPECT_EQ(options->tun->mtu, 1400);
  ASSERT_EQ(options->tun->addresses.size(), 2u);
  EXPECT_EQ(options->tun->addresses[1].to_string(), "fd00:100::1/64");
  EXPECT_EQ(options->unreachables, Unreachables::silent);
  EXPECT_FALSE(options->admin);
  EXPECT_EQ(options->log.level, log::Level::debug);
  EXPECT_EQ(options->log.format, LogFormat::json);
  EXPECT_EQ(options->icmp_errors_per_second, 10u);
  EXPECT_EQ(options->flow_table_size, 1024u);
  EXPECT_TRUE(options->udp.by_sessions);
  EXPECT_EQ(options->udp.idle, std::chrono::minutes(3));
  EXPECT_EQ(options->udp.dns_idle, std::chrono::seconds(10));
  EXPECT_EQ(options->tun->device, "desk");
  EXPECT_EQ(options->tun->user, "alice");
  EXPECT_EQ(options->tun->tags, (std::vector<std::string>{"office", "fixed"}));
  EXPECT_EQ(options->tun->vnet, "blue");
  EXPECT_EQ(options->api.socket, "/tmp/api.sock");
  EXPECT_EQ(options->api.group, "net");
  EXPECT_EQ(options->api.listen->to_string(), "127.0.0.1:9780");
  EXPECT_EQ(options->flow_log.file, "/tmp/flows");
  EXPECT_EQ(options->flow_log.max_size, 100000u);
}

TEST(EdgeOptions, SectionTunIsPresentWhenItStandsInTheFileOrAFlagNamesIt) {
  EXPECT_TRUE(parse_edge_options("tun: {}", "edge.yml")->tun);
  OptionSources sources;
  sources.environment = environment({});
  EXPECT_FALSE(load_edge_options(sources)->tun);
  sources.flags = {{"tun.mtu", {"1300"}}};
  const auto options = load_edge_options(sources);
  ASSERT_TRUE(options->tun);
  EXPECT_EQ(options->tun->mtu, 1300);
  EXPECT_EQ(options->tun->name, "oneping0");
}

struct ErrorCase {
  const char* name;
  const char* text;
  const char* error;  // the whole of it
};

const ErrorCase kErrors[] = {
    {"unknown key", "name: a\nlistn: []\n", "f:2:1: unknown key 'listn': did you mean 'listen'?"},
    {"unknown key in a section", "log:\n  levle: info\n",
     "f:2:3: unknown key 'log.levle': did you mean 'log.level'?"},
    {"unknown key like no other", "hop-address: {zebra: 1}\n",
     "f:1:15: unknown key 'hop-address.zebra': known here are ipv4, ipv6"},
    {"dotted key", "log.level: info\n",
     "f:1:1: unknown key 'log.level': known here are listen, state, name, server-names, "
     "hop-address, hop-names, tun, unreachables, admin, log, icmp-errors-per-second, "
     "flow-table-size, "
     "max-connections, devices, udp, api, flow-log"},
    {"key twice", "name: a\nname: b\n", "f:2:1: 'name' is here twice: remove one of them"},
    {"key that is no word", "? [a]\n: b\n", "f:1:3: a key must be a word"},
    {"not YAML", "name: [a\nstate: b\n", "f:2:6: not YAML: end of sequence flow not found"},
    {"list as a file", "- a\n", "f:1:1: the file must hold settings, as in `key: value`"},
    {"number that is none", "tun:\n  mtu: large\n",
     "f:2:8: tun.mtu: 'large' is not a whole number from 1280 to 1920"},
    {"number out of range", "flow-table-size: -1\n",
     "f:1:18: flow-table-size: '-1' is not a whole number from 16 to 16777216"},
    {"list for one value", "name: [a]\n", "f:1:7: 'name' must be one value"},
    {"no value", "name:\n", "f:1:1: 'name' has no value: write it, or remove the key"},
    {"map for a list", "listen: {a: b}\n", "f:1:9: 'listen' must be a list"},
    {"value for a section", "log: info\n", "f:1:6: 'log' must be a section of settings"},
    {"address without port", "listen: [192.0.2.1]\n",
     "f:1:9: listen: '192.0.2.1' is not an address with port: write for example 192.0.2.1:7844 "
     "or [2001:db8::1]:7844"},
    {"empty list", "listen: []\n", "f:1:9: listen: needs at least 1"},
    {"wrong family", "hop-address: {ipv4: fd00::1}\n",
     "f:1:21: hop-address.ipv4: 'fd00::1' is not an IPv4 address"},
    {"wrong word", "unreachables: loud\n",
     "f:1:15: unreachables: 'loud' is not one of tell|silent"},
};

TEST(EdgeOptions, ErrorsAreOneLineThatSaysWhereAndWhat) {
  for (const auto& c : kErrors) {
    const auto options = parse_edge_options(c.text, "f");
    ASSERT_FALSE(options) << c.name;
    EXPECT_EQ(options.error().message, c.error) << c.name;
  }
}

TEST(EdgeOptions, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const TestingFolder folder;
  OptionSources sources;
  sources.file = folder.put("edge.yml",
                            "name: file\nunreachables: silent\nlog: {level: warn}\n"
                            "server-names: [file.example, file2.example]\n");
  sources.environment = environment({});
  EXPECT_EQ(load_edge_options(sources)->name, "file");

  sources.environment = environment({{"ONEPING_NAME", "environment"},
                                     {"ONEPING_LOG_LEVEL", "error"},
                                     {"ONEPING_SERVER_NAMES", "e1,e2,e3"}});
  sources.flags = {{"name", {"flag"}}};
  const auto options = load_edge_options(sources);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->name, "flag");
  EXPECT_EQ(options->log.level, log::Level::error);
  EXPECT_EQ(options->server_names, (std::vector<std::string>{"e1", "e2", "e3"}))
      << "a list replaces, it does not add";
  EXPECT_EQ(options->unreachables, Unreachables::silent);
  EXPECT_EQ(options->flow_table_size, 262144u);
  EXPECT_FALSE(options->udp.by_sessions);
  EXPECT_EQ(options->udp.idle, std::chrono::minutes(5));
}

TEST(EdgeOptions, ErrorsNameTheFlagOrTheVariable) {
  OptionSources sources;
  sources.environment = environment({{"ONEPING_TUN_MTU", "9"}});
  EXPECT_EQ(load_edge_options(sources).error().message,
            "ONEPING_TUN_MTU: '9' is not a whole number from 1280 to 1920");
  sources.environment = environment({});
  sources.flags = {{"hop-address.ipv4", {"x"}}};
  EXPECT_EQ(load_edge_options(sources).error().message,
            "--hop-address-ipv4: 'x' is not an IPv4 address");
}

TEST(EdgeOptions, FileThatCannotBeReadIsNamed) {
  const TestingFolder folder;
  OptionSources sources;
  sources.file = folder / "absent.yml";
  EXPECT_EQ(load_edge_options(sources).error().message,
            "reading " + (folder / "absent.yml") + ": No such file or directory");
  sources.file = folder.path();
  EXPECT_EQ(load_edge_options(sources).error().message,
            "reading " + folder.path() + ": Is a directory");
}

TEST(EdgeOptions, EverySettingHasHelpAndAFlagOfItsOwn) {
  std::map<std::string, int> flags;
  for (const auto& setting : edge_settings()) {
    EXPECT_FALSE(setting.help.empty()) << setting.key;
    EXPECT_FALSE(setting.placeholder.empty()) << setting.key;
    EXPECT_EQ(++flags[setting.flag()], 1) << setting.key;
  }
  EXPECT_EQ(flags.count("--log-level"), 1u);
}

}  // namespace
}  // namespace oneping
