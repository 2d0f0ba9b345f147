#include "forward/policy.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace oneping {

namespace {

constexpr std::uint32_t kWordBits = 64;

void set_bit(std::vector<std::uint64_t>& bits, std::uint32_t rule) {
  bits[rule / kWordBits] |= std::uint64_t{1} << rule % kWordBits;
}

bool speaks_of(const PolicyRule& rule, Protocol protocol) {
  if (!rule.ports.empty() && protocol != Protocol::udp) return false;
  return !rule.protocol || *rule.protocol == protocol;
}

PortSet ports_of(const PolicyRule& rule) {
  return PortSet(rule.ports.empty() ? std::vector{PortRange{}} : rule.ports);
}

std::vector<Prefix> prefixes_of(const std::vector<PolicyRule>& rules) {
  std::vector<Prefix> prefixes;
  for (const PolicyRule& rule : rules) {
    prefixes.insert(prefixes.end(), rule.to.begin(), rule.to.end());
  }
  return prefixes;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow: return "allow";
    case Verdict::deny: return "deny";
  }
  return "?";
}

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::icmp: return "icmp";
    case Protocol::udp: return "udp";
  }
  return "?";
}

PolicyTable::PolicyTable(std::vector<PolicyRule> rules, Verdict by_default)
    : rules_(std::move(rules)), default_(by_default), prefixes_(prefixes_of(rules_)) {
  ports_.reserve(rules_.size());
  for (const PolicyRule& rule : rules_) ports_.push_back(ports_of(rule));
  index_destinations();
  index_subjects();
  index_networks();
}

PolicyTable::Sender PolicyTable::sender(std::span<const Subject> subjects) const {
  Sender sender;
  sender.bits_ = everybody_;
  for (const Subject& subject : subjects) {
    const auto found = rules_of_.find(subject);
    if (found == rules_of_.end()) continue;
    for (const std::uint32_t rule : found->second) set_bit(sender.bits_, rule);
  }
  return sender;
}

PolicyDecision PolicyTable::decide(const Sender& sender, const PolicyQuestion& question) const {
  const bool anonymous = sender.bits_.size() != everybody_.size();
  const RuleBits& who = anonymous ? everybody_ : sender.bits_;
  const RuleBits& what = eligible(question);
  std::uint32_t first = PolicyDecision::kDefault;

  const auto look_in = [&](std::size_t list) {
    for (std::uint32_t i = lists_[list].begin; i != lists_[list].end; ++i) {
      const Block& block = blocks_[i];
      const std::uint32_t base = block.word * kWordBits;
      if (base >= first) return;
      std::uint64_t matching = block.rules & who[block.word] & what[block.word];
      for (; matching != 0; matching &= matching - 1) {
        const std::uint32_t rule = base + static_cast<std::uint32_t>(std::countr_zero(matching));
        if (rule >= first) return;
        if (question.protocol == Protocol::udp && !ports_[rule].contains(question.port)) continue;
        first = rule;
        return;
      }
    }
  };
  look_in(prefixes_.size());
  auto node = prefixes_.find(question.destination);
  for (; node != PrefixMap::kNone; node = prefixes_.parent(node)) look_in(node);

  return first == PolicyDecision::kDefault ? PolicyDecision{default_}
                                           : PolicyDecision{rules_[first].verdict, first};
}

std::string_view PolicyTable::name_of(std::uint32_t rule) const {
  return rule == PolicyDecision::kDefault ? std::string_view("default") : rules_[rule].name;
}

void PolicyTable::index_destinations() {
  std::vector<std::pair<std::size_t, std::uint32_t>> uses;  // list, rule
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    if (rules_[rule].to.empty()) uses.emplace_back(prefixes_.size(), rule);
    for (const Prefix& prefix : rules_[rule].to) uses.emplace_back(prefixes_.node_of(prefix), rule);
  }
  std::sort(uses.begin(), uses.end());

  lists_.resize(prefixes_.size() + 1);
  for (const auto& [list, rule] : uses) {
    Span& span = lists_[list];
    const std::uint32_t word = rule / kWordBits;
    if (span.begin == span.end) span.begin = span.end = static_cast<std::uint32_t>(blocks_.size());
    if (span.begin == span.end || blocks_.back().word != word) {
      blocks_.push_back({word, 0});
      ++span.end;
    }
    blocks_.back().rules |= std::uint64_t{1} << rule % kWordBits;
  }
}

void PolicyTable::index_subjects() {
  everybody_.resize((rules_.size() + kWordBits - 1) / kWordBits);
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    if (rules_[rule].who.empty()) set_bit(everybody_, rule);
    for (const Subject& subject : rules_[rule].who) rules_of_[subject].push_back(rule);
  }
}

void PolicyTable::index_networks() {
  const auto add = [&](std::uint32_t rule, Eligible& eligible) {
    for (const Protocol protocol : {Protocol::icmp, Protocol::udp}) {
      if (speaks_of(rules_[rule], protocol)) {
        set_bit(eligible[static_cast<std::size_t>(protocol)], rule);
      }
    }
  };
  for (RuleBits& bits : elsewhere_) bits.resize(everybody_.size());
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    if (!rules_[rule].network) add(rule, elsewhere_);
  }
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    const auto network = rules_[rule].network;
    if (network) add(rule, networks_.try_emplace(*network, elsewhere_).first->second);
  }
}

const PolicyTable::RuleBits& PolicyTable::eligible(const PolicyQuestion& question) const {
  const auto found = networks_.find(question.network);
  const Eligible& eligible = found == networks_.end() ? elsewhere_ : found->second;
  return eligible[static_cast<std::size_t>(question.protocol)];
}

}  // namespace oneping
