#include "control/vnets.h"

#include <limits>

namespace oneping::control {

namespace {

Outcome<void> fill(Vnet& vnet, const VnetInput& input, const Draft& draft) {
  if (input.name) vnet.name = *input.name;
  if (input.comment) vnet.comment = input.comment->value_or("");
  if (auto good = check_name(draft.directory.vnets(), vnet); !good) return good;
  return check_comment(vnet.comment);
}

std::vector<std::string> users_of(const Vnet& vnet, const Directory& directory) {
  std::vector<std::string> users;
  for (const auto& [prefix, route] : directory.routes_in(vnet.id)) {
    users.push_back("route " + in_quotes(prefix.to_string()));
  }
  for (const auto& [id, device] : directory.devices().all()) {
    if (device.vnet == vnet.id) users.push_back(in_words(device));
  }
  for (const auto& [id, policy] : directory.policies().all()) {
    if (policy.vnet == vnet.id) users.push_back(in_words(policy));
  }
  return users;
}

}  // namespace

Outcome<Id> create_vnet(Draft& draft, const VnetInput& input) {
  if (auto room = check_room<Vnet>(draft.directory.vnets().size()); !room) return refusal_of(room);
  Vnet vnet;
  vnet.id = draft.new_id();
  vnet.created = draft.now;
  // The packet path numbers networks with 32 bits.
  if (vnet.id > std::numeric_limits<NetworkId>::max()) {
    return conflict("no number is left for another virtual network");
  }
  if (auto good = fill(vnet, input, draft); !good) return refusal_of(good);
  draft.create(vnet);
  return vnet.id;
}

Outcome<Id> update_vnet(Draft& draft, const Reference& which, const VnetInput& input) {
  const auto before = subject<Vnet>(draft.directory, which);
  if (!before) return refusal_of(before);
  Vnet vnet = **before;
  if (auto good = fill(vnet, input, draft); !good) return refusal_of(good);
  if (vnet.id == kDefaultVnet && vnet.name != (*before)->name) {
    return conflict(
        "the default virtual network keeps its name, which is meant where none is given", "name");
  }
  draft.update(**before, vnet);
  return vnet.id;
}

Outcome<Id> delete_vnet(Draft& draft, const Reference& which) {
  const auto vnet = subject<Vnet>(draft.directory, which);
  if (!vnet) return refusal_of(vnet);
  if ((*vnet)->id == kDefaultVnet) return conflict("the default virtual network is always there");
  if (auto unused = check_unused(in_words(**vnet), users_of(**vnet, draft.directory)); !unused) {
    return refusal_of(unused);
  }
  draft.erase(**vnet);
  return (*vnet)->id;
}

}  // namespace oneping::control
