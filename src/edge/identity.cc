#include "edge/identity.h"

#include <tuple>
#include <utility>

namespace oneping::edge {

std::vector<Subject> subjects_of(const Identity& identity) {
  std::vector<Subject> subjects;
  subjects.push_back({SubjectKind::device, identity.device});
  if (!identity.user.empty()) subjects.push_back({SubjectKind::user, identity.user});
  for (const std::string& group : identity.groups) subjects.push_back({SubjectKind::group, group});
  for (const std::string& tag : identity.tags) subjects.push_back({SubjectKind::tag, tag});
  return subjects;
}

void Identities::set(std::shared_ptr<const Identity> identity) {
  erase(identity->id);
  if (identity->key_pin) by_key_.emplace(*identity->key_pin, identity->id);
  by_device_.emplace(identity->id, std::move(identity));
}

void Identities::erase(DeviceId device) {
  const auto known = by_device_.find(device);
  if (known == by_device_.end()) return;
  if (known->second->key_pin) {
    const auto [first, last] = by_key_.equal_range(*known->second->key_pin);
    for (auto key = first; key != last; ++key) {
      if (key->second != device) continue;
      by_key_.erase(key);
      break;
    }
  }
  by_device_.erase(known);
}

std::shared_ptr<const Identity> Identities::find(const quic::KeyPin& key) const {
  std::shared_ptr<const Identity> best;
  const auto rank = [](const Identity& identity) {
    return std::tuple(!identity.revoked, identity.id);
  };
  const auto [first, last] = by_key_.equal_range(key);
  for (auto entry = first; entry != last; ++entry) {
    const auto& identity = by_device_.at(entry->second);
    if (best == nullptr || rank(*identity) > rank(*best)) best = identity;
  }
  return best;
}

}  // namespace oneping::edge
