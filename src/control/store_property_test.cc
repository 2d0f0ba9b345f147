// Against plain maps: whatever is committed, and however often the store is closed and opened
// again, both hold the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

// What a step does, and numbers that choose among what there is.
struct Step {
  std::uint8_t action = 0;
  std::uint16_t one = 0;
  std::uint16_t two = 0;
  bool ends_commit = true;
  bool reopens = false;
};

void showValue(const Step& step, std::ostream& out) {  // NOLINT: RapidCheck's name
  out << "{" << int{step.action} << ", " << step.one << ", " << step.two << ", " << step.ends_commit
      << ", " << step.reopens << "}";
}

template <typename Value>
using Things = std::map<Id, Value>;

class Model {
 public:
  Model() { vnets_[kDefaultVnet] = {kDefaultVnet, "default", "", {}}; }

  // Does the step, and puts what it changed into `changes`.
  void take(const Step& step, std::vector<Change>& changes) {
    step_ = step;
    changes_ = &changes;
    switch (step.action % 16) {
      case 0: return put_vnet();
      case 1: return put_tunnel();
      case 2:
      case 3: return put_route();
      case 4: return put_user();
      case 5: return put_group();
      case 6: return put_key();
      case 7: return put_device();
      case 8:
      case 9: return put_policy();
      case 10: return put_token();
      case 11: return put(Settings{step.one % 2 == 0 ? Verdict::allow : Verdict::deny});
      case 12: return swap_names();
      case 13: return move_policy();
      default: return erase();
    }
  }

  [[nodiscard]] Contents contents() const {
    Contents all;
    copy(vnets_, all.vnets);
    copy(tunnels_, all.tunnels);
    copy(routes_, all.routes);
    copy(users_, all.users);
    copy(groups_, all.groups);
    copy(keys_, all.enrolment_keys);
    copy(devices_, all.devices);
    copy(policies_, all.policies);
    copy(tokens_, all.api_tokens);
    all.settings = settings_;
    all.last_id = last_id_;
    return all;
  }

 private:
  static void copy(const auto& things, auto& values) {
    for (const auto& [id, thing] : things) values.push_back(thing);
  }

  void put(const Settings& settings) {
    settings_ = settings;
    changes_->emplace_back(settings);
  }
  template <typename Value>
  void put(Things<Value>& things, const Value& value) {
    things[value.id] = value;
    changes_->emplace_back(value);
  }

  // One that is there, or a new one. The name is new to its kind.
  template <typename Value>
  Value some(Things<Value>& things) {
    Value value;
    if (const auto* found = pick(things, step_.two); found != nullptr && step_.one % 3 == 0) {
      value = *found;
    } else {
      value.id = last_id_ += 1 + step_.one % 2;
      value.created = at(step_.one);
    }
    if constexpr (requires { value.name; }) {
      value.name = "name" + std::to_string(step_.two % 8);
      const auto is_taken = [&](const auto& thing) {
        return thing.second.name == value.name && thing.first != value.id;
      };
      while (std::any_of(things.begin(), things.end(), is_taken)) value.name += "x";
    }
    if constexpr (requires { value.comment; }) value.comment = std::string(step_.one % 40, 'c');
    return value;
  }
  template <typename Value>
  static const Value* pick(const Things<Value>& things, std::size_t which) {
    if (things.empty()) return nullptr;
    return &std::next(things.begin(), static_cast<std::ptrdiff_t>(which % things.size()))->second;
  }
  template <typename Value>
  std::optional<Id> maybe(const Things<Value>& things) const {
    const auto* found = step_.one % 5 == 0 ? nullptr : pick(things, step_.one);
    return found == nullptr ? std::nullopt : std::optional(found->id);
  }
  std::optional<Timestamp> maybe_time() const {
    return step_.one % 2 == 0 ? std::nullopt : std::optional(at(step_.two));
  }
  std::optional<SecretHash> maybe_secret() const {
    return step_.two % 2 == 0 ? std::nullopt : std::optional(filled<32>(byte()));
  }
  std::uint8_t byte() const { return static_cast<std::uint8_t>(step_.one); }
  std::vector<std::string> tags() const {
    return std::vector<std::string>(step_.two % 4, "tag" + std::to_string(step_.one % 3));
  }
  Id vnet() const { return pick(vnets_, step_.one)->id; }
  Prefix prefix() const {
    if (step_.two % 2 == 0) return Prefix(IpAddress::v4(std::uint32_t{step_.two} << 20), 16);
    return Prefix(IpAddress::from_v6(filled<16>(byte()).data()), step_.two % 129);
  }

  void put_vnet() { put(vnets_, some(vnets_)); }
  void put_user() { put(users_, some(users_)); }
  void put_tunnel() {
    auto tunnel = some(tunnels_);
    store_be64(tunnel.uuid.data(), static_cast<std::uint64_t>(tunnel.id));
    tunnel.uuid[15] = byte();
    tunnel.secret = maybe_secret();
    tunnel.previous_until = at(step_.two);
    tunnel.last_connected = maybe_time();
    tunnel.path = step_.one % 2 == 0 ? tunnel::PathMode::full : tunnel::PathMode::single_hop;
    put(tunnels_, tunnel);
  }
  void put_route() {
    const auto* tunnel = pick(tunnels_, step_.two);
    if (tunnel == nullptr) return;
    const Id last_id = last_id_;
    auto route = some(routes_);
    route.tunnel = tunnel->id;
    route.vnet = vnet();
    route.prefix = prefix();
    const auto is_taken = std::any_of(routes_.begin(), routes_.end(), [&](const auto& other) {
      return other.first != route.id && other.second.vnet == route.vnet &&
             other.second.prefix == route.prefix;
    });
    if (is_taken) {
      last_id_ = last_id;
    } else {
      put(routes_, route);
    }
  }
  void put_group() {
    auto group = some(groups_);
    group.members.clear();
    for (const auto& [id, user] : users_) {
      if ((id + step_.one) % 2 == 0) group.members.push_back(id);
    }
    put(groups_, group);
  }
  void put_key() {
    auto key = some(keys_);
    key.secret = filled<32>(byte());
    key.reusable = step_.two % 2 == 0;
    key.expires = maybe_time();
    key.user = maybe(users_);
    key.tags = tags();
    key.uses += step_.one;
    key.revoked = step_.one % 2 == 0;
    put(keys_, key);
  }
  void put_device() {
    auto device = some(devices_);
    device.kind = step_.two % 2 == 0 ? DeviceKind::ingress : DeviceKind::enrolled;
    device.user = maybe(users_);
    device.tags = tags();
    device.vnet = vnet();
    device.addresses.assign(step_.two % 3, prefix().address());
    device.key_pin = maybe_secret();
    device.last_seen = maybe_time();
    put(devices_, device);
  }
  void put_policy() {
    auto policy = some(policies_);
    if (policy.position == 0) policy.position = static_cast<std::uint32_t>(policies_.size()) + 1;
    policy.who.clear();
    if (const auto user = maybe(users_)) policy.who.push_back({SubjectKind::user, *user, ""});
    if (const auto group = maybe(groups_)) policy.who.push_back({SubjectKind::group, *group, ""});
    if (const auto device = maybe(devices_)) {
      policy.who.push_back({SubjectKind::device, *device, ""});
    }
    for (const auto& tag : tags()) policy.who.push_back({SubjectKind::tag, 0, tag});
    policy.to.assign(step_.two % 3, prefix());
    policy.vnet = maybe(vnets_);
    policy.protocol = step_.two % 2 == 0 ? std::nullopt : std::optional(Protocol::udp);
    policy.ports.assign(step_.one % 3, {step_.one, step_.two});
    policy.from = maybe_time();
    policy.verdict = step_.one % 2 == 0 ? Verdict::allow : Verdict::deny;
    put(policies_, policy);
  }
  void put_token() {
    auto token = some(tokens_);
    token.secret = filled<32>(byte());
    token.role = step_.two % 2 == 0 ? Role::read : Role::admin;
    token.expires = maybe_time();
    put(tokens_, token);
  }

  void swap_names() {
    swap_names_of(tunnels_);
    swap_names_of(users_);
    swap_names_of(policies_);
    swap_names_of(vnets_);
  }
  template <typename Value>
  void swap_names_of(Things<Value>& things) {
    if (things.size() < 2) return;
    Value one = *pick(things, step_.one);
    Value two = *pick(things, std::size_t{step_.one} + 1);
    std::swap(one.name, two.name);
    put(things, one);
    put(things, two);
  }

  // All between its old place and its new one make room.
  void move_policy() {
    const auto* moved = pick(policies_, step_.one);
    if (moved == nullptr) return;
    const auto from = moved->position;
    const auto to = static_cast<std::uint32_t>(1 + step_.two % policies_.size());
    for (auto [id, policy] : Things<Policy>(policies_)) {
      const auto before = policy.position;
      if (before == from) {
        policy.position = to;
      } else if (from < before && before <= to) {
        --policy.position;
      } else if (to <= before && before < from) {
        ++policy.position;
      }
      if (policy.position != before) put(policies_, policy);
    }
  }

  void erase() {
    switch (step_.one % 9) {
      case 0: return erase_from(vnets_, Kind::vnet);
      case 1: return erase_from(tunnels_, Kind::tunnel);
      case 2: return erase_from(routes_, Kind::route);
      case 3: return erase_from(users_, Kind::user);
      case 4: return erase_from(groups_, Kind::group);
      case 5: return erase_from(keys_, Kind::enrolment_key);
      case 6: return erase_from(devices_, Kind::device);
      case 7: return erase_policy();
      case 8: return erase_from(tokens_, Kind::api_token);
    }
  }
  template <typename Value>
  void erase_from(Things<Value>& things, Kind kind) {
    const auto* found = pick(things, step_.two);
    if (found == nullptr || is_in_use(found->id)) return;
    changes_->emplace_back(Erase{kind, found->id});
    things.erase(Id{found->id});
  }
  void erase_policy() {
    const auto* found = pick(policies_, step_.two);
    if (found == nullptr) return;
    const auto gap = found->position;
    changes_->emplace_back(Erase{Kind::policy, found->id});
    policies_.erase(Id{found->id});
    for (auto [id, policy] : Things<Policy>(policies_)) {
      if (policy.position < gap) continue;
      --policy.position;
      put(policies_, policy);
    }
  }
  bool is_in_use(Id id) const {
    const auto any = [](const auto& things, auto refers) {
      return std::any_of(things.begin(), things.end(),
                         [&](const auto& thing) { return refers(thing.second); });
    };
    const auto names = [id](const auto& list) {
      return std::any_of(list.begin(), list.end(), [&](const auto& who) {
        return who.kind != SubjectKind::tag && who.id == id;
      });
    };
    return id == kDefaultVnet ||
           any(routes_,
               [&](const auto& route) { return route.vnet == id || route.tunnel == id; }) ||
           any(groups_,
               [&](const auto& group) { return std::ranges::count(group.members, id) > 0; }) ||
           any(keys_, [&](const auto& key) { return key.user == id; }) ||
           any(devices_, [&](const auto& d) { return d.user == id || d.vnet == id; }) ||
           any(policies_,
               [&](const auto& policy) { return policy.vnet == id || names(policy.who); });
  }

  Step step_;
  std::vector<Change>* changes_ = nullptr;
  Things<Vnet> vnets_;
  Things<Tunnel> tunnels_;
  Things<Route> routes_;
  Things<User> users_;
  Things<Group> groups_;
  Things<EnrolmentKey> keys_;
  Things<Device> devices_;
  Things<Policy> policies_;
  Things<ApiToken> tokens_;
  Settings settings_;
  Id last_id_ = kDefaultVnet;
};

rc::Gen<Step> any_step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::action), rc::gen::set(&Step::one), rc::gen::set(&Step::two),
      rc::gen::set(&Step::ends_commit, rc::gen::weightedElement<bool>({{2, true}, {1, false}})),
      rc::gen::set(&Step::reopens, rc::gen::weightedElement<bool>({{1, true}, {15, false}})));
}

// The default network's time is that of the making.
Contents without_making(Contents contents) {
  contents.vnets.at(0).created = {};
  return contents;
}

RC_GTEST_PROP(StoreProperty, AgreesWithMaps, ()) {
  const auto steps = *rc::gen::scale(3, rc::gen::container<std::vector<Step>>(any_step()));
  StoreFolder folder;
  Model model;
  auto store = open_or_fail(folder.store());
  std::vector<Change> changes;
  std::size_t commits = 0;
  const auto commit = [&] {
    RC_ASSERT(failure(store->commit(changes, entry())) == "");
    changes.clear();
    ++commits;
  };
  for (const auto& step : steps) {
    model.take(step, changes);
    if (step.ends_commit) commit();
    if (!step.reopens || !step.ends_commit) continue;
    store.reset();
    store = open_or_fail(folder.store());
    RC_ASSERT(without_making(load_or_fail(*store)) == without_making(model.contents()));
  }
  commit();
  RC_ASSERT(without_making(load_or_fail(*store)) == without_making(model.contents()));
  RC_ASSERT(store->audit({.limit = commits + 1})->size() == commits);
}

}  // namespace
}  // namespace oneping::control
