#include "forward/policy.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

using enum Verdict;
using enum Protocol;
using Subjects = std::vector<Subject>;
using Prefixes = std::vector<Prefix>;

Subject user(const char* name) { return {SubjectKind::user, name}; }
Subject group(const char* name) { return {SubjectKind::group, name}; }
Subject device(const char* name) { return {SubjectKind::device, name}; }
Subject tag(const char* name) { return {SubjectKind::tag, name}; }

Prefixes to(std::initializer_list<const char*> texts) {
  Prefixes prefixes;
  for (const char* text : texts) prefixes.push_back(Prefix::parse(text).value());
  return prefixes;
}

PolicyQuestion ping(const char* destination, NetworkId network = 0) {
  return {IpAddress::parse(destination).value(), network, icmp};
}

PolicyQuestion udp_to(const char* destination, std::uint16_t port, NetworkId network = 0) {
  return {IpAddress::parse(destination).value(), network, udp, port};
}

struct Case {
  const char* name;
  std::vector<PolicyRule> rules;
  Verdict by_default;
  Subjects sender;
  PolicyQuestion question;
  Verdict verdict;
  const char* rule;  // the one that decides
};

void expect_decisions(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const PolicyTable table(c.rules, c.by_default);
    const auto decision = table.decide(table.sender(c.sender), c.question);
    EXPECT_EQ(to_string(decision.verdict), to_string(c.verdict));
    EXPECT_EQ(table.name_of(decision.rule), c.rule);
  }
}

TEST(Policy, TheFirstThatMatchesDecidesElseTheDefault) {
  const PolicyRule yes{.name = "yes", .verdict = allow};
  const PolicyRule no{.name = "no", .verdict = deny};
  const PolicyRule ten_no{.name = "ten-no", .to = to({"10.0.0.0/8"}), .verdict = deny};
  const PolicyRule host_yes{.name = "host-yes", .to = to({"10.0.0.1"}), .verdict = allow};
  const PolicyRule alice_yes{.name = "alice-yes", .who = {user("alice")}, .verdict = allow};
  expect_decisions({
      {"no rules, allow", {}, allow, {}, ping("10.0.0.1"), allow, "default"},
      {"no rules, deny", {}, deny, {}, ping("10.0.0.1"), deny, "default"},
      {"no rules, deny, v6", {}, deny, {user("alice")}, ping("fd00::1"), deny, "default"},
      {"a rule for everything allows", {yes}, deny, {}, ping("10.0.0.1"), allow, "yes"},
      {"a rule for everything denies", {no}, allow, {}, ping("fd00::1"), deny, "no"},
      {"a rule that agrees with the default is named", {no}, deny, {}, ping("::1"), deny, "no"},
      {"allow before deny", {yes, no}, deny, {}, ping("10.0.0.1"), allow, "yes"},
      {"deny before allow", {no, yes}, allow, {}, ping("10.0.0.1"), deny, "no"},
      {"a wide rule before a narrow one",
       {ten_no, host_yes},
       allow,
       {},
       ping("10.0.0.1"),
       deny,
       "ten-no"},
      {"a narrow rule before a wide one",
       {host_yes, ten_no},
       allow,
       {},
       ping("10.0.0.1"),
       allow,
       "host-yes"},
      {"past a narrow rule for others",
       {host_yes, ten_no},
       allow,
       {},
       ping("10.0.0.2"),
       deny,
       "ten-no"},
      {"everywhere before a prefix", {yes, ten_no}, deny, {}, ping("10.0.0.1"), allow, "yes"},
      {"a prefix before everywhere", {ten_no, yes}, deny, {}, ping("10.0.0.1"), deny, "ten-no"},
      {"one sender before everybody",
       {alice_yes, no},
       deny,
       {user("alice")},
       ping("10.0.0.1"),
       allow,
       "alice-yes"},
      {"everybody before one sender",
       {no, alice_yes},
       deny,
       {user("alice")},
       ping("10.0.0.1"),
       deny,
       "no"},
      {"past all rules to the default",
       {ten_no, host_yes, alice_yes},
       deny,
       {user("bob")},
       ping("11.0.0.1"),
       deny,
       "default"},
      {"the same rule twice: the first",
       {host_yes, host_yes, no},
       deny,
       {},
       ping("10.0.0.1"),
       allow,
       "host-yes"},
  });
}

TEST(Policy, WhoIsAnyOfThoseNamed) {
  const auto rule_for = [](Subjects who) {
    return std::vector{PolicyRule{.name = "rule", .who = std::move(who), .verdict = allow}};
  };
  const auto there = ping("10.0.0.1");
  const Subjects alice{user("alice"), group("ops"), group("staff"), device("laptop"), tag("lab")};
  expect_decisions({
      {"a user", rule_for({user("alice")}), deny, alice, there, allow, "rule"},
      {"another user", rule_for({user("bob")}), deny, alice, there, deny, "default"},
      {"a group", rule_for({group("ops")}), deny, alice, there, allow, "rule"},
      {"another of his groups", rule_for({group("staff")}), deny, alice, there, allow, "rule"},
      {"not his group", rule_for({group("guests")}), deny, alice, there, deny, "default"},
      {"a device", rule_for({device("laptop")}), deny, alice, there, allow, "rule"},
      {"another device", rule_for({device("phone")}), deny, alice, there, deny, "default"},
      {"a tag", rule_for({tag("lab")}), deny, alice, there, allow, "rule"},
      {"another tag", rule_for({tag("prod")}), deny, alice, there, deny, "default"},
      {"several, he is the first", rule_for({user("alice"), group("guests"), tag("prod")}), deny,
       alice, there, allow, "rule"},
      {"several, he is the last", rule_for({user("bob"), group("guests"), tag("lab")}), deny, alice,
       there, allow, "rule"},
      {"several, he is all of them", rule_for({user("alice"), group("ops"), tag("lab")}), deny,
       alice, there, allow, "rule"},
      {"several, he is none", rule_for({user("bob"), group("guests"), tag("prod")}), deny, alice,
       there, deny, "default"},
      {"one named twice", rule_for({user("alice"), user("alice")}), deny, alice, there, allow,
       "rule"},
      {"a user is no group of the same name", rule_for({group("alice")}), deny, alice, there, deny,
       "default"},
      {"a device is no tag of the same name", rule_for({tag("laptop")}), deny, alice, there, deny,
       "default"},
      {"names are not cut", rule_for({user("alic")}), deny, alice, there, deny, "default"},
      {"names have case", rule_for({user("Alice")}), deny, alice, there, deny, "default"},
      {"nobody in particular is everybody", rule_for({}), deny, alice, there, allow, "rule"},
      {"a sender without subjects, everybody", rule_for({}), deny, {}, there, allow, "rule"},
      {"a sender without subjects, a user",
       rule_for({user("alice")}),
       deny,
       {},
       there,
       deny,
       "default"},
      {"a sender of whom no rule speaks",
       rule_for({user("alice")}),
       deny,
       {user("eve"), device("x"), tag("y")},
       there,
       deny,
       "default"},
  });
}

TEST(Policy, ToIsAnyOfThePrefixes) {
  const auto rule_to = [](std::initializer_list<const char*> prefixes) {
    return std::vector{PolicyRule{.name = "rule", .to = to(prefixes), .verdict = deny}};
  };
  const std::vector<PolicyRule> nested{
      {.name = "host", .to = to({"10.1.2.3"}), .verdict = allow},
      {.name = "net", .to = to({"10.1.2.0/24"}), .verdict = deny},
      {.name = "site", .to = to({"10.1.0.0/16", "fd00:1::/32"}), .verdict = allow},
      {.name = "all", .to = to({"0.0.0.0/0", "::/0"}), .verdict = deny}};
  const std::vector<PolicyRule> turned{nested.rbegin(), nested.rend()};
  expect_decisions({
      {"first address", rule_to({"10.0.0.0/8"}), allow, {}, ping("10.0.0.0"), deny, "rule"},
      {"last address", rule_to({"10.0.0.0/8"}), allow, {}, ping("10.255.255.255"), deny, "rule"},
      {"before it", rule_to({"10.0.0.0/8"}), allow, {}, ping("9.255.255.255"), allow, "default"},
      {"after it", rule_to({"10.0.0.0/8"}), allow, {}, ping("11.0.0.0"), allow, "default"},
      {"a host", rule_to({"10.0.0.7"}), allow, {}, ping("10.0.0.7"), deny, "rule"},
      {"beside a host", rule_to({"10.0.0.7"}), allow, {}, ping("10.0.0.6"), allow, "default"},
      {"v6, first address", rule_to({"fd00::/64"}), allow, {}, ping("fd00::"), deny, "rule"},
      {"v6, last address",
       rule_to({"fd00::/64"}),
       allow,
       {},
       ping("fd00::ffff:ffff:ffff:ffff"),
       deny,
       "rule"},
      {"v6, after it", rule_to({"fd00::/64"}), allow, {}, ping("fd00:0:0:1::"), allow, "default"},
      {"v6, a host", rule_to({"fd00::1"}), allow, {}, ping("fd00::1"), deny, "rule"},
      {"the last v4 address",
       rule_to({"255.255.255.255"}),
       allow,
       {},
       ping("255.255.255.255"),
       deny,
       "rule"},
      {"all of v4 is not v6", rule_to({"0.0.0.0/0"}), allow, {}, ping("fd00::1"), allow, "default"},
      {"all of v6 is not v4", rule_to({"::/0"}), allow, {}, ping("10.0.0.1"), allow, "default"},
      {"several, the last",
       rule_to({"192.0.2.0/24", "fd00::/8", "10.0.0.0/8"}),
       allow,
       {},
       ping("10.9.9.9"),
       deny,
       "rule"},
      {"several of both families",
       rule_to({"192.0.2.0/24", "fd00::/8", "10.0.0.0/8"}),
       allow,
       {},
       ping("fd12::1"),
       deny,
       "rule"},
      {"several, none",
       rule_to({"192.0.2.0/24", "fd00::/8", "10.0.0.0/8"}),
       allow,
       {},
       ping("192.0.3.0"),
       allow,
       "default"},
      {"several within each other",
       rule_to({"10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16"}),
       allow,
       {},
       ping("10.1.0.1"),
       deny,
       "rule"},
      {"nested, narrow first: the host", nested, allow, {}, ping("10.1.2.3"), allow, "host"},
      {"nested, narrow first: its net", nested, allow, {}, ping("10.1.2.4"), deny, "net"},
      {"nested, narrow first: its site", nested, allow, {}, ping("10.1.3.3"), allow, "site"},
      {"nested, narrow first: the rest", nested, allow, {}, ping("10.2.0.0"), deny, "all"},
      {"nested, narrow first: v6 site", nested, allow, {}, ping("fd00:1::9"), allow, "site"},
      {"nested, wide first hides the host", turned, allow, {}, ping("10.1.2.3"), deny, "all"},
      {"nested, wide first hides v6", turned, allow, {}, ping("fd00:1::9"), deny, "all"},
  });
}

TEST(Policy, AddressesMeanSomethingOnlyWithinAVirtualNetwork) {
  const std::vector<PolicyRule> rules{
      {.name = "red", .to = to({"10.0.0.0/8"}), .network = 1, .verdict = allow},
      {.name = "blue", .to = to({"10.0.0.0/8"}), .network = 2, .verdict = deny},
      {.name = "blue-all", .network = 2, .verdict = allow},
      {.name = "any", .to = to({"10.1.0.0/16"}), .verdict = allow}};
  expect_decisions({
      {"one network", rules, deny, {}, ping("10.0.0.1", 1), allow, "red"},
      {"another with the same prefix", rules, deny, {}, ping("10.0.0.1", 2), deny, "blue"},
      {"a network everywhere", rules, deny, {}, ping("fd00::1", 2), allow, "blue-all"},
      {"not everywhere of another", rules, deny, {}, ping("fd00::1", 1), deny, "default"},
      {"every network, one that no rule names", rules, deny, {}, ping("10.1.0.1", 7), allow, "any"},
      {"every network, after one that is named",
       rules,
       deny,
       {},
       ping("10.1.0.1", 2),
       deny,
       "blue"},
      {"a network that no rule names", rules, deny, {}, ping("10.0.0.1", 7), deny, "default"},
      {"network zero is a network", rules, deny, {}, ping("10.0.0.1", 0), deny, "default"},
  });
}

TEST(Policy, ProtocolsAndPorts) {
  const auto rule_of = [](std::optional<Protocol> protocol, std::vector<PortRange> ports) {
    return std::vector{PolicyRule{
        .name = "rule", .protocol = protocol, .ports = std::move(ports), .verdict = allow}};
  };
  const auto any_protocol = std::nullopt;
  const char* there = "10.0.0.1";
  const std::vector<PolicyRule> same_port{
      {.name = "dns-no", .ports = {{53, 53}}, .verdict = deny},
      {.name = "low", .protocol = udp, .ports = {{1, 1023}}, .verdict = allow},
      {.name = "udp-no", .protocol = udp, .verdict = deny},
      {.name = "icmp", .protocol = icmp, .verdict = allow}};
  expect_decisions({
      {"icmp, asked icmp", rule_of(icmp, {}), deny, {}, ping(there), allow, "rule"},
      {"icmp, asked udp", rule_of(icmp, {}), deny, {}, udp_to(there, 53), deny, "default"},
      {"udp, asked udp", rule_of(udp, {}), deny, {}, udp_to(there, 53), allow, "rule"},
      {"udp, asked icmp", rule_of(udp, {}), deny, {}, ping(there), deny, "default"},
      {"any, asked icmp", rule_of(any_protocol, {}), deny, {}, ping(there), allow, "rule"},
      {"any, asked udp", rule_of(any_protocol, {}), deny, {}, udp_to(there, 9), allow, "rule"},
      {"without ports, port 0", rule_of(udp, {}), deny, {}, udp_to(there, 0), allow, "rule"},
      {"without ports, the last port",
       rule_of(udp, {}),
       deny,
       {},
       udp_to(there, 65535),
       allow,
       "rule"},
      {"one port", rule_of(udp, {{53, 53}}), deny, {}, udp_to(there, 53), allow, "rule"},
      {"the port before", rule_of(udp, {{53, 53}}), deny, {}, udp_to(there, 52), deny, "default"},
      {"the port after", rule_of(udp, {{53, 53}}), deny, {}, udp_to(there, 54), deny, "default"},
      {"a range's first", rule_of(udp, {{100, 200}}), deny, {}, udp_to(there, 100), allow, "rule"},
      {"a range's last", rule_of(udp, {{100, 200}}), deny, {}, udp_to(there, 200), allow, "rule"},
      {"before a range", rule_of(udp, {{100, 200}}), deny, {}, udp_to(there, 99), deny, "default"},
      {"after a range", rule_of(udp, {{100, 200}}), deny, {}, udp_to(there, 201), deny, "default"},
      {"port 0 alone", rule_of(udp, {{0, 0}}), deny, {}, udp_to(there, 0), allow, "rule"},
      {"up to the last port",
       rule_of(udp, {{60000, 65535}}),
       deny,
       {},
       udp_to(there, 65535),
       allow,
       "rule"},
      {"several, unsorted: the lowest",
       rule_of(udp, {{5000, 5999}, {53, 53}, {123, 123}}),
       deny,
       {},
       udp_to(there, 53),
       allow,
       "rule"},
      {"several, unsorted: the highest",
       rule_of(udp, {{5000, 5999}, {53, 53}, {123, 123}}),
       deny,
       {},
       udp_to(there, 5999),
       allow,
       "rule"},
      {"several, between them",
       rule_of(udp, {{5000, 5999}, {53, 53}, {123, 123}}),
       deny,
       {},
       udp_to(there, 124),
       deny,
       "default"},
      {"overlapping, the end of the longer",
       rule_of(udp, {{10, 90}, {20, 30}, {25, 50}}),
       deny,
       {},
       udp_to(there, 85),
       allow,
       "rule"},
      {"a range the wrong way round is empty",
       rule_of(udp, {{200, 100}}),
       deny,
       {},
       udp_to(there, 150),
       deny,
       "default"},
      {"ports mean udp",
       rule_of(any_protocol, {{53, 53}}),
       deny,
       {},
       udp_to(there, 53),
       allow,
       "rule"},
      {"ports are not icmp",
       rule_of(any_protocol, {{0, 65535}}),
       deny,
       {},
       ping(there),
       deny,
       "default"},
      {"icmp with ports matches no icmp",
       rule_of(icmp, {{0, 65535}}),
       deny,
       {},
       ping(there),
       deny,
       "default"},
      {"icmp with ports matches no udp",
       rule_of(icmp, {{0, 65535}}),
       deny,
       {},
       udp_to(there, 53),
       deny,
       "default"},
      {"the order among ports", same_port, allow, {}, udp_to(there, 53), deny, "dns-no"},
      {"the next rule for another port", same_port, allow, {}, udp_to(there, 123), allow, "low"},
      {"the rule after all ports", same_port, allow, {}, udp_to(there, 4000), deny, "udp-no"},
      {"icmp past all rules for ports", same_port, deny, {}, ping(there), allow, "icmp"},
  });
}

TEST(Policy, EverythingARuleSaysMustBeSo) {
  const std::vector<PolicyRule> rules{{.name = "narrow",
                                       .who = {group("ops"), device("laptop")},
                                       .to = to({"10.1.0.0/16", "fd01::/16"}),
                                       .network = 3,
                                       .protocol = udp,
                                       .ports = {{53, 53}, {500, 600}},
                                       .verdict = allow}};
  const Subjects ops{user("alice"), group("ops")};
  expect_decisions({
      {"all is so", rules, deny, ops, udp_to("10.1.0.1", 555, 3), allow, "narrow"},
      {"all is so in v6",
       rules,
       deny,
       {device("laptop")},
       udp_to("fd01::1", 53, 3),
       allow,
       "narrow"},
      {"but who", rules, deny, {user("ops")}, udp_to("10.1.0.1", 555, 3), deny, "default"},
      {"but where", rules, deny, ops, udp_to("10.2.0.1", 555, 3), deny, "default"},
      {"but the network", rules, deny, ops, udp_to("10.1.0.1", 555, 4), deny, "default"},
      {"but the protocol", rules, deny, ops, ping("10.1.0.1", 3), deny, "default"},
      {"but the port", rules, deny, ops, udp_to("10.1.0.1", 499, 3), deny, "default"},
  });
}

TEST(Policy, AThousandRulesForOnePrefixKeepTheirOrder) {
  constexpr std::uint32_t kRules = 1000;
  std::vector<PolicyRule> rules;
  for (std::uint32_t i = 0; i < kRules; ++i) {
    rules.push_back({.name = "rule" + std::to_string(i),
                     .who = {user(std::to_string(i).c_str()), group("all")},
                     .to = to({"10.0.0.0/8"}),
                     .verdict = i % 2 == 0 ? allow : deny});
  }
  const PolicyTable table(rules, deny);
  for (std::uint32_t i = 0; i < kRules; ++i) {
    const Subjects he{user(std::to_string(i).c_str())};
    const auto decision = table.decide(table.sender(he), ping("10.0.0.1"));
    ASSERT_EQ(decision, (PolicyDecision{i % 2 == 0 ? allow : deny, i}));
  }
  const Subjects last_and_all{user("999"), group("all")};
  EXPECT_EQ(table.decide(table.sender(last_and_all), ping("10.0.0.1")).rule, 0u);
  EXPECT_EQ(table.decide(table.sender({}), ping("10.0.0.1")).rule, PolicyDecision::kDefault);
}

TEST(Policy, ARuleMayNameAThousandOfEverything) {
  PolicyRule rule{.name = "long", .protocol = udp, .verdict = allow};
  for (std::uint32_t i = 0; i < 1000; ++i) {
    rule.who.push_back(tag(std::to_string(i).c_str()));
    rule.to.push_back(Prefix(IpAddress::v4(0x0a000000 | i << 8), 25));
    const auto port = static_cast<std::uint16_t>(60000 - 3 * i);
    rule.ports.push_back({port, port});
  }
  const PolicyTable table({rule}, deny);
  const auto last = table.sender(Subjects{tag("999")});
  EXPECT_EQ(table.decide(last, udp_to("10.3.231.127", 60000 - 3 * 999)).rule, 0u);
  EXPECT_EQ(table.decide(last, udp_to("10.3.231.128", 60000)).verdict, deny);
  EXPECT_EQ(table.decide(last, udp_to("10.0.0.0", 60000)).rule, 0u);
  EXPECT_EQ(table.decide(last, udp_to("10.0.0.0", 59999)).verdict, deny);
  EXPECT_EQ(table.decide(table.sender(Subjects{tag("1000")}), udp_to("10.0.0.0", 60000)).verdict,
            deny);
}

TEST(Policy, AnAnonymousSenderIsJudgedByTheRulesForEverybody) {
  const PolicyTable table({{.name = "alice", .who = {user("alice")}, .verdict = deny},
                           {.name = "rest", .to = to({"10.0.0.0/8"}), .verdict = allow}},
                          deny);
  const PolicyTable::Sender anonymous;
  EXPECT_EQ(table.name_of(table.decide(anonymous, ping("10.0.0.1")).rule), "rest");
  EXPECT_EQ(table.name_of(table.decide(anonymous, ping("11.0.0.1")).rule), "default");
}

TEST(Policy, ATableThatNobodyMadeAllowsEverything) {
  const PolicyTable table;
  EXPECT_EQ(table.decide(table.sender({}), ping("10.0.0.1")), PolicyDecision{allow});
  EXPECT_EQ(table.default_verdict(), allow);
  EXPECT_TRUE(table.rules().empty());
}

TEST(Policy, ACopyDecidesAlike) {
  auto table = std::make_unique<PolicyTable>(
      std::vector{PolicyRule{.name = "a", .who = {user("alice")}, .to = to({"10.0.0.0/8"})}},
      allow);
  const auto alice = table->sender(Subjects{user("alice")});
  const PolicyTable copy = *table;
  table.reset();
  EXPECT_EQ(copy.decide(alice, ping("10.0.0.1")), (PolicyDecision{deny, 0}));
}

}  // namespace
}  // namespace oneping
