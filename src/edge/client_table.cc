#include "edge/client_table.h"

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

void ClientTable::look_up(Client& client) const {
  client.revision = revision_;
  const auto found = snapshot_.identities->find(client.device);
  const bool may_send = found != snapshot_.identities->end() && !found->second->revoked;
  const auto identity = may_send ? found->second : nullptr;
  if (identity != client.identity || client.policies_revision != policies_revision_) {
    ++client.judgement;
    client.policies_revision = policies_revision_;
    client.identity = identity;
    client.sender =
        identity ? snapshot_.policies->sender(subjects_of(*identity)) : PolicyTable::Sender();
  }
  const auto& networks = snapshot_.routing->networks;
  const auto network = identity ? networks.find(identity->network) : networks.end();
  client.routes = network != networks.end() ? &network->second : nullptr;
}

}  // namespace oneping::edge
