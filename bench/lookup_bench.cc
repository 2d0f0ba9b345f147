// What the packet path asks the route and policy tables, and what making them costs.
//
// Each question depends on the answer before it, so that a time is how long one takes, and not how
// many the processor keeps under way. "far" goes round many copies of a table, which no longer
// fit the second level cache nor the TLB: as when much else was done since the last packet.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "forward/policy.h"
#include "forward/route_table.h"

namespace oneping {
namespace {

constexpr std::size_t kRoutes = 10000;
constexpr std::size_t kRules = 1000;
constexpr std::size_t kQuestions = 1 << 16;  // a megabyte of addresses
constexpr std::size_t kNear = 1;
constexpr std::size_t kFar = 32;  // powers of two

IpAddress random_address(Random& random, IpFamily family) {
  if (family == IpFamily::v4) return IpAddress::v4(static_cast<std::uint32_t>(random.next()));
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  bytes[0] = 0xfd;
  return IpAddress::from_v6(bytes.data());
}

Prefix random_prefix(Random& random, IpFamily family) {
  const int length = family == IpFamily::v4 ? 8 + static_cast<int>(random.below(25))
                                            : 16 + static_cast<int>(random.below(113));
  return {random_address(random, family), length};
}

IpAddress random_inside(Random& random, const Prefix& prefix) {
  auto bytes = random_address(random, prefix.family()).bytes();
  const int skipped = prefix.family() == IpFamily::v4 ? 96 : 0;
  for (int bit = 0; bit < skipped + prefix.length(); ++bit) {
    const auto i = static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
    bytes[i] = static_cast<std::uint8_t>((bytes[i] & ~mask) | (prefix.address().bytes()[i] & mask));
  }
  return IpAddress::from_v6(bytes.data());
}

// Two out of three inside a random one of the prefixes, the others anywhere.
std::vector<IpAddress> random_destinations(Random& random, const std::vector<Prefix>& prefixes) {
  std::vector<IpAddress> destinations;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const Prefix& prefix = prefixes[random.below(prefixes.size())];
    destinations.push_back(random.below(3) != 0 ? random_inside(random, prefix)
                                                : random_address(random, prefix.family()));
  }
  return destinations;
}

enum class Families { v4, v6, both };

std::vector<Prefix> random_prefixes(Random& random, Families families, std::size_t count) {
  std::vector<Prefix> prefixes;
  for (std::size_t i = 0; i < count; ++i) {
    const bool v4 = families == Families::v4 || (families == Families::both && i % 2 == 0);
    prefixes.push_back(random_prefix(random, v4 ? IpFamily::v4 : IpFamily::v6));
  }
  return prefixes;
}

std::vector<Route> routes_to(const std::vector<Prefix>& prefixes) {
  std::vector<Route> routes;
  routes.reserve(prefixes.size());
  for (const Prefix& prefix : prefixes) {
    routes.push_back({prefix, static_cast<RouteTarget>(routes.size())});
  }
  return routes;
}

Subject user(std::size_t i) { return {SubjectKind::user, "user" + std::to_string(i)}; }
Subject group(std::size_t i) { return {SubjectKind::group, "group" + std::to_string(i)}; }

// What a list of rules is like.
enum class Shape {
  mixed,     // own prefixes for groups and users, now and then several, everywhere or everybody
  people,    // one prefix, another user in every rule
  anywhere,  // no prefix, another user in every rule
  networks,  // one prefix, another virtual network in every rule
  nested,    // 128 prefixes within each other, another user in every rule
  ports,     // one prefix, everybody, another port in every rule
};

PolicyRule rule_of(Shape shape, std::size_t i, Random& random) {
  const Prefix ten(IpAddress::v4(0x0a000000), 8);
  PolicyRule rule;
  rule.name = "rule" + std::to_string(i);
  rule.verdict = i % 2 == 0 ? Verdict::allow : Verdict::deny;
  switch (shape) {
    case Shape::mixed:
      rule.who = i % 3 == 0 ? std::vector{group(i % 50), group(i % 49)} : std::vector{user(i)};
      rule.to = random_prefixes(random, Families::both, 1 + i % 4);
      if (i % 50 == 7) rule.to.clear();
      if (i % 10 == 9) rule.who.clear();
      if (i % 5 == 4) rule.ports = {{53, 53}, {4000, 5000}};
      break;
    case Shape::people:
      rule.who = {user(i)};
      rule.to = {ten};
      break;
    case Shape::anywhere: rule.who = {user(i)}; break;
    case Shape::networks:
      rule.network = static_cast<NetworkId>(i);
      rule.to = {ten};
      break;
    case Shape::nested:
      rule.who = {user(i)};
      rule.to = {Prefix(*IpAddress::parse("fd00::1"), 1 + static_cast<int>(i % 128))};
      break;
    case Shape::ports: {
      const auto port = static_cast<std::uint16_t>(i);
      rule.to = {ten};
      rule.ports = {{port, port}};
      break;
    }
  }
  return rule;
}

std::vector<PolicyRule> rules_of(Shape shape, Random& random) {
  std::vector<PolicyRule> rules;
  for (std::size_t i = 0; i < kRules; ++i) rules.push_back(rule_of(shape, i, random));
  return rules;
}

std::vector<PolicyQuestion> questions_about(Shape shape, const std::vector<PolicyRule>& rules,
                                            Random& random) {
  std::vector<Prefix> prefixes;
  for (const PolicyRule& rule : rules) {
    prefixes.insert(prefixes.end(), rule.to.begin(), rule.to.end());
  }
  if (prefixes.empty()) prefixes = random_prefixes(random, Families::both, kRules);
  std::vector<PolicyQuestion> questions;
  for (const IpAddress& destination : random_destinations(random, prefixes)) {
    PolicyQuestion question{destination, static_cast<NetworkId>(random.below(kRules)),
                            random.below(2) == 0 ? Protocol::icmp : Protocol::udp,
                            static_cast<std::uint16_t>(random.below(8000))};
    if (shape == Shape::ports) question.protocol = Protocol::udp;
    if (shape == Shape::nested) question.destination = *IpAddress::parse("fd00::1");
    if (shape == Shape::people || shape == Shape::networks || shape == Shape::ports) {
      question.destination = IpAddress::v4(0x0a000000 | (destination.v4_host_order() & 0xffffff));
    }
    questions.push_back(question);
  }
  return questions;
}

std::vector<PolicyTable::Sender> senders(const PolicyTable& table, Random& random) {
  std::vector<PolicyTable::Sender> all;
  all.reserve(1024);
  for (int i = 0; i < 1024; ++i) {
    all.push_back(table.sender(std::vector{user(random.below(kRules)), group(random.below(50)),
                                           group(random.below(50)), group(random.below(50)),
                                           Subject{SubjectKind::device, "laptop"}}));
  }
  return all;
}

void look_up_routes(benchmark::State& state, Families families, std::size_t copies) {
  SeededRandom random(1);
  const auto prefixes = random_prefixes(random, families, kRoutes);
  const std::vector<RouteTable> tables(copies, RouteTable(routes_to(prefixes)));
  const auto destinations = random_destinations(random, prefixes);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto target = tables[i & (copies - 1)].lookup(destinations[i % kQuestions]);
    i += 1 + (target.value_or(0) & 1);
  }
}
BENCHMARK_CAPTURE(look_up_routes, v4, Families::v4, kNear);
BENCHMARK_CAPTURE(look_up_routes, v6, Families::v6, kNear);
BENCHMARK_CAPTURE(look_up_routes, both, Families::both, kNear);
BENCHMARK_CAPTURE(look_up_routes, v4_far, Families::v4, kFar);
BENCHMARK_CAPTURE(look_up_routes, v6_far, Families::v6, kFar);
BENCHMARK_CAPTURE(look_up_routes, both_far, Families::both, kFar);

void decide(benchmark::State& state, Shape shape, std::size_t copies) {
  SeededRandom random(2);
  const auto rules = rules_of(shape, random);
  const std::vector<PolicyTable> tables(copies, PolicyTable(rules, Verdict::deny));
  const auto questions = questions_about(shape, rules, random);
  const auto who = senders(tables[0], random);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto decision =
        tables[i & (copies - 1)].decide(who[i % who.size()], questions[i % kQuestions]);
    i += 1 + (decision.rule & 1);
  }
}
BENCHMARK_CAPTURE(decide, mixed, Shape::mixed, kNear);
BENCHMARK_CAPTURE(decide, mixed_far, Shape::mixed, kFar);
BENCHMARK_CAPTURE(decide, people, Shape::people, kNear);
BENCHMARK_CAPTURE(decide, anywhere, Shape::anywhere, kNear);
BENCHMARK_CAPTURE(decide, networks, Shape::networks, kNear);
BENCHMARK_CAPTURE(decide, nested, Shape::nested, kNear);
BENCHMARK_CAPTURE(decide, ports, Shape::ports, kNear);

// A new flow: where does it go, and may it?
void route_and_decide(benchmark::State& state, std::size_t copies) {
  SeededRandom random(3);
  const auto prefixes = random_prefixes(random, Families::both, kRoutes);
  const std::vector<RouteTable> routes(copies, RouteTable(routes_to(prefixes)));
  const auto rules = rules_of(Shape::mixed, random);
  const std::vector<PolicyTable> policies(copies, PolicyTable(rules, Verdict::deny));
  const auto questions = questions_about(Shape::mixed, rules, random);
  const auto who = senders(policies[0], random);
  std::size_t i = 0;
  for (auto _ : state) {
    const PolicyQuestion& question = questions[i % kQuestions];
    const auto target = routes[i & (copies - 1)].lookup(question.destination);
    const auto decision = policies[i & (copies - 1)].decide(who[i % who.size()], question);
    i += 1 + ((target.value_or(0) ^ decision.rule) & 1);
  }
}
BENCHMARK_CAPTURE(route_and_decide, near, kNear);
BENCHMARK_CAPTURE(route_and_decide, far, kFar);

void make_routes(benchmark::State& state) {
  SeededRandom random(4);
  const auto routes = routes_to(random_prefixes(random, Families::both, kRoutes));
  for (auto _ : state) benchmark::DoNotOptimize(RouteTable(routes));
}
BENCHMARK(make_routes)->Unit(benchmark::kMicrosecond);

void make_policies(benchmark::State& state, Shape shape) {
  SeededRandom random(5);
  const auto rules = rules_of(shape, random);
  for (auto _ : state) benchmark::DoNotOptimize(PolicyTable(rules, Verdict::deny));
}
BENCHMARK_CAPTURE(make_policies, mixed, Shape::mixed)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(make_policies, networks, Shape::networks)->Unit(benchmark::kMicrosecond);

void make_sender(benchmark::State& state) {
  SeededRandom random(6);
  const PolicyTable table(rules_of(Shape::mixed, random), Verdict::deny);
  const std::vector subjects{user(1), group(2), group(3), Subject{SubjectKind::tag, "lab"}};
  for (auto _ : state) benchmark::DoNotOptimize(table.sender(subjects));
}
BENCHMARK(make_sender);

}  // namespace
}  // namespace oneping
