#include "edge/client_table.h"

#include <algorithm>
#include <utility>

namespace oneping::edge {

void ClientTable::apply(Snapshot snapshot) {
  ++revision_;
  if (snapshot.policies != snapshot_.policies) ++policies_revision_;
  snapshot_ = std::move(snapshot);
}

ClientRef ClientTable::add(Link& link, DeviceId device) {
  return clients_.add({.link = &link, .device = device});
}

ClientRef ClientTable::add_on_behalf(Link& link, DeviceId device) {
  return clients_.add({.link = &link, .device = device, .on_behalf = true});
}

void ClientTable::limit_devices(const DeviceLimits& limits) {
  limits_ = limits;
  for (const auto& [_, usage] : usages_) usage->limit(limits);
}

DeviceUsage& ClientTable::usage_of(DeviceId device) {
  auto& usage = usages_[device];
  if (!usage) usage = std::make_unique<DeviceUsage>(limits_);
  return *usage;
}

bool Client::may_send_from(const IpAddress& source) const {
  if (identity->is_ingress) return true;
  return std::ranges::any_of(identity->addresses,
                             [&](const Prefix& own) { return own.contains(source); });
}

ClientRef ClientTable::add(Link& link, std::shared_ptr<const Identity> stranger) {
  return clients_.add({.link = &link, .stranger = std::move(stranger)});
}

// Null: he may not send.
std::shared_ptr<const Identity> ClientTable::identity_of(const Client& client) const {
  if (client.stranger) return client.stranger;
  const auto found = snapshot_.identities->find(client.device);
  const bool may_send = found != snapshot_.identities->end() && !found->second->revoked;
  return may_send ? found->second : nullptr;
}

void ClientTable::look_up(Client& client) {
  client.revision = revision_;
  const auto identity = identity_of(client);
  if (identity != client.identity || client.policies_revision != policies_revision_) {
    ++client.judgement;
    client.policies_revision = policies_revision_;
    client.identity = identity;
    client.sender =
        identity ? snapshot_.policies->sender(subjects_of(*identity)) : PolicyTable::Sender();
  }
  const bool is_limited = identity && !identity->is_ingress && !client.on_behalf;
  client.usage = is_limited ? &usage_of(client.device) : nullptr;
  const auto& networks = snapshot_.routing->networks;
  const auto network = identity ? networks.find(identity->network) : networks.end();
  client.routes = network != networks.end() ? &network->second : nullptr;
}

}  // namespace oneping::edge
