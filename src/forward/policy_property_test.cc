// The policy table against the plain meaning of its rules: each in turn, until one matches.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "forward/policy.h"
#include "forward/testing/prefix_generators.h"

namespace oneping {
namespace {

bool contains(const std::vector<Subject>& all, const Subject& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool matches(const PolicyRule& rule, const std::vector<Subject>& sender,
             const PolicyQuestion& question) {
  const bool who =
      rule.who.empty() || std::any_of(sender.begin(), sender.end(),
                                      [&](auto& subject) { return contains(rule.who, subject); });
  const bool where = rule.to.empty() || std::any_of(rule.to.begin(), rule.to.end(), [&](auto& to) {
                       return to.contains(question.destination);
                     });
  const bool network = !rule.network || *rule.network == question.network;
  const bool protocol = !rule.protocol || *rule.protocol == question.protocol;
  const bool port =
      rule.ports.empty() || (question.protocol == Protocol::udp &&
                             std::any_of(rule.ports.begin(), rule.ports.end(), [&](auto& range) {
                               return range.first <= question.port && question.port <= range.last;
                             }));
  return who && where && network && protocol && port;
}

PolicyDecision plain_decision(const std::vector<PolicyRule>& rules, Verdict by_default,
                              const std::vector<Subject>& sender, const PolicyQuestion& question) {
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (matches(rules[i], sender, question)) return {rules[i].verdict, i};
  }
  return {by_default};
}

// Few of each kind, so that rules and questions meet.
std::vector<Subject> any_subjects(int at_most) {
  std::vector<Subject> subjects(static_cast<std::size_t>(*rc::gen::inRange(0, at_most + 1)));
  for (Subject& subject : subjects) {
    subject.kind = *rc::gen::element(SubjectKind::user, SubjectKind::group, SubjectKind::device,
                                     SubjectKind::tag);
    subject.name = *rc::gen::element<std::string>("a", "b", "c", "d");
  }
  return subjects;
}

std::uint16_t any_port() {
  return *rc::gen::oneOf(rc::gen::inRange<std::uint16_t>(50, 60),
                         rc::gen::element<std::uint16_t>(0, 1, 65534, 65535));
}

std::vector<PortRange> any_ports() {
  std::vector<PortRange> ports(static_cast<std::size_t>(*rc::gen::inRange(0, 4)));
  for (PortRange& range : ports) range = {any_port(), any_port()};
  return ports;
}

PolicyRule any_rule() {
  PolicyRule rule;
  rule.who = any_subjects(3);
  rule.to = test::any_prefixes(3);
  if (*rc::gen::inRange(0, 3) == 0) rule.network = *rc::gen::inRange<NetworkId>(0, 3);
  if (*rc::gen::inRange(0, 2) == 0) {
    rule.protocol = *rc::gen::element(Protocol::icmp, Protocol::udp);
  }
  if (*rc::gen::inRange(0, 3) == 0) rule.ports = any_ports();
  rule.verdict = *rc::gen::element(Verdict::allow, Verdict::deny);
  return rule;
}

PolicyQuestion any_question(const IpAddress& destination) {
  return {destination, *rc::gen::inRange<NetworkId>(0, 4),
          *rc::gen::element(Protocol::icmp, Protocol::udp), any_port()};
}

// `most`: of more than 64 rules the bits need several words.
void check_against_plain_decision(std::size_t most) {
  std::vector<PolicyRule> rules(*rc::gen::inRange<std::size_t>(0, most + 1));
  for (PolicyRule& rule : rules) rule = any_rule();
  const auto by_default = *rc::gen::element(Verdict::allow, Verdict::deny);
  const PolicyTable table(rules, by_default);

  std::vector<Prefix> prefixes;
  for (const PolicyRule& rule : rules) {
    prefixes.insert(prefixes.end(), rule.to.begin(), rule.to.end());
  }
  const auto subjects = any_subjects(4);
  const auto sender = table.sender(subjects);
  for (const IpAddress& destination : test::telling_addresses(prefixes)) {
    const auto question = any_question(destination);
    RC_ASSERT(table.decide(sender, question) ==
              plain_decision(rules, by_default, subjects, question));
  }
}

RC_GTEST_PROP(PolicyProperty, AFewRulesDecideAsInTurn, ()) { check_against_plain_decision(12); }

RC_GTEST_PROP(PolicyProperty, ManyRulesDecideAsInTurn, ()) { check_against_plain_decision(200); }

}  // namespace
}  // namespace oneping
