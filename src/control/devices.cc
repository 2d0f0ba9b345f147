#include "control/devices.h"

#include "control/people.h"

namespace oneping::control {

namespace {

Outcome<void> fill(Device& device, const DeviceInput& input, const Draft& draft) {
  if (input.name) device.name = *input.name;
  if (input.tags) device.tags = without_repeats(input.tags->value_or(std::vector<std::string>()));
  if (input.user) {
    device.user.reset();
    if (*input.user) {
      const auto user = named<User>(draft.directory, "user", **input.user);
      if (!user) return refusal_of(user);
      device.user = (*user)->id;
    }
  }
  if (input.vnet) {
    const auto vnet = named<Vnet>(draft.directory, "vnet", *input.vnet);
    if (!vnet) return refusal_of(vnet);
    device.vnet = (*vnet)->id;
  }
  if (auto good = check_name(draft.directory.devices(), device); !good) return good;
  return check_tags(device.tags);
}

Outcome<Id> set_revoked(Draft& draft, const Reference& which, bool revoked) {
  const auto before = subject<Device>(draft.directory, which);
  if (!before) return refusal_of(before);
  Device device = **before;
  if (device.revoked == revoked) return device.id;
  device.revoked = revoked;
  draft.put(device);
  draft.tell(revoked ? "device.revoke" : "device.restore", device.name);
  return device.id;
}

}  // namespace

Outcome<Id> update_device(Draft& draft, const Reference& which, const DeviceInput& input) {
  const auto before = subject<Device>(draft.directory, which);
  if (!before) return refusal_of(before);
  if ((*before)->kind == DeviceKind::ingress) {
    return conflict(in_words(**before) + " is an ingress: change it in the edge's configuration");
  }
  Device device = **before;
  if (auto good = fill(device, input, draft); !good) return refusal_of(good);
  draft.update(**before, device);
  return device.id;
}

Outcome<Id> revoke_device(Draft& draft, const Reference& which) {
  return set_revoked(draft, which, true);
}

Outcome<Id> restore_device(Draft& draft, const Reference& which) {
  return set_revoked(draft, which, false);
}

Outcome<Id> delete_device(Draft& draft, const Reference& which) {
  const auto device = subject<Device>(draft.directory, which);
  if (!device) return refusal_of(device);
  if ((*device)->kind == DeviceKind::ingress) {
    return conflict(in_words(**device) +
                    " is an ingress of the edge, and stays; it can be revoked");
  }
  if (!(*device)->revoked) {
    return conflict(in_words(**device) + " could still come back: revoke it first");
  }
  const auto users = policies_that_name(SubjectKind::device, (*device)->id, draft.directory);
  if (auto unused = check_unused(in_words(**device), users); !unused) return refusal_of(unused);
  draft.erase(**device);
  return (*device)->id;
}

Outcome<Id> ensure_ingress(Draft& draft, const DeviceInput& input, const Directory::Ids& spare) {
  const auto& devices = draft.directory.devices();
  const Device* before = devices.find(std::string_view(input.name.value_or("")));
  if (before != nullptr && before->kind != DeviceKind::ingress) {
    return conflict(
        "there is an enrolled device " + in_quotes(before->name) + ": call the ingress otherwise",
        "name");
  }
  if (before == nullptr && !spare.empty()) before = devices.find(*spare.begin());

  Device device;
  if (before != nullptr) {
    device = *before;
  } else {
    if (auto room = check_room<Device>(devices.size()); !room) return refusal_of(room);
    device.id = draft.new_id();
    device.kind = DeviceKind::ingress;
    device.created = draft.now;
  }
  if (auto good = fill(device, input, draft); !good) return refusal_of(good);
  if (before != nullptr) {
    draft.update(*before, device);
  } else {
    draft.create(device);
  }
  return device.id;
}

}  // namespace oneping::control
