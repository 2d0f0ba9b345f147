#include "admin/expectations.h"

#include <gtest/gtest.h>

namespace oneping::admin {
namespace {

TEST(Expectations, BecomeWhatTheApiTakes) {
  const auto read = parse_expectations(R"(
- name: ops may ping the office
  user: alice@example.net
  groups: [ops, "on call"]
  tags: laptop
  to: 172.16.10.120
  icmp: true
  expect: allow
  rule: ops-ping
- device: gate
  vnet: berlin
  to: fd00::1
  udp: 53
  at: 2026-11-21T23:28:14Z
  expect: deny
- {to: 10.0.0.1, expect: deny}
)",
                                       "p.yml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, Json::parse(R"([
    {"name": "ops may ping the office", "user": "alice@example.net",
     "groups": ["ops", "on call"], "tags": ["laptop"], "to": "172.16.10.120",
     "protocol": "icmp", "expect": "allow", "rule": "ops-ping"},
    {"name": "p.yml:10:3", "device": "gate", "vnet": "berlin", "to": "fd00::1",
     "protocol": "udp", "port": 53, "at": "2026-11-21T23:28:14.000Z", "expect": "deny"},
    {"name": "p.yml:16:3", "to": "10.0.0.1", "expect": "deny", "protocol": "icmp"}
  ])"));
}

TEST(Expectations, ErrorsSayWhere) {
  struct Case {
    const char* text;
    const char* error;
  };
  const Case cases[] = {
      {"", "p.yml: the file must be a list"},
      {"to: 10.0.0.1", "p.yml:1:1: the file must be a list"},
      {"- 10.0.0.1", "p.yml:1:3: an expectation must be a map"},
      {"- to: 10.0.0.1\n  expct: allow", "p.yml:2:3: unknown key 'expct': known here are name"},
      {"- to: 10.0.0.1\n  to: 10.0.0.2", "p.yml:2:3: 'to' is here twice"},
      {"- expect: allow", "p.yml:1:3: 'to' is missing"},
      {"- to: 10.0.0.1", "p.yml:1:3: 'expect' is missing"},
      {"- to: 10.0.0.1\n  expect: yes", "p.yml:2:11: 'yes' is neither allow nor deny"},
      {"- icmp: false", "p.yml:1:9: write `icmp: true`, or `udp: PORT`"},
      {"- udp: dns", "p.yml:1:8: 'dns' is not a whole number"},
      {"- {to: a, expect: allow, icmp: true, udp: 53}", "p.yml:1:3: both 'icmp' and 'udp'"},
      {"- to: [10.0.0.1]", "p.yml:1:7: this must be one value"},
      {"- groups: [[ops]]", "p.yml:1:12: this must be one value"},
      {"- user: ''", "p.yml:1:9: is empty"},
      {"- at: noon", "p.yml:1:7: 'noon' is neither a time nor a duration"},
      {"- [to: x", "p.yml:1:1: not YAML: "},
      {"- {[a]: b}", "p.yml:1:4: unknown key ''"},
  };
  for (const auto& c : cases) {
    const auto read = parse_expectations(c.text, "p.yml");
    ASSERT_FALSE(read) << c.text;
    EXPECT_EQ(read.error().message.find(c.error), 0u) << c.text << "\n" << read.error().message;
  }
}

TEST(Expectations, AFileThatIsNotThere) {
  const auto read = read_expectations("/nowhere/p.yml");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "reading /nowhere/p.yml: No such file or directory");
}

}  // namespace
}  // namespace oneping::admin
