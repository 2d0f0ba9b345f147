#include "control/enrolment.h"

#include <algorithm>

#include "control/keys.h"
#include "control/secret_text.h"
#include "masque/enrolment_key.h"
#include "quic/crypto.h"

namespace oneping::control {

namespace {

Outcome<const EnrolmentKey*> find_key(const Draft& draft, const std::string& text) {
  const auto given = masque::parse_enrolment_key(text);
  const EnrolmentKey* found = nullptr;
  if (given) {
    const SecretHash hash = quic::sha256(given->secret);
    for (const auto& [id, key] : draft.directory.enrolment_keys().all()) {
      if (are_equal(key.secret, hash)) found = &key;
    }
  }
  if (found == nullptr) {
    return refuse(RefusalKind::forbidden,
                  "this enrolment key is not known at this edge: it was deleted, or is another "
                  "edge's; ask for a new one");
  }
  const std::string state = state_of(*found, draft.now);
  if (state == "valid") return found;
  const std::string why = state == "used"      ? "has been used already"
                          : state == "expired" ? "expired on " + timestamp_text(*found->expires)
                                               : "has been revoked";
  return refuse(RefusalKind::forbidden,
                "the enrolment key " + in_quotes(found->name) + " " + why + "; ask for a new one");
}

Outcome<std::string> choose_name(const Draft& draft, const std::string& wish, Id id) {
  const auto& devices = draft.directory.devices();
  Device candidate;
  candidate.id = id;
  candidate.name = wish.empty() ? "device-" + std::to_string(id) : wish;
  if (const auto fault = fault_in_name(candidate.name)) {
    return invalid("name", "the name " + in_quotes(wish) + " " + *fault);
  }
  const std::string base = candidate.name.substr(0, 56);  // leaves room for a number
  for (std::size_t number = 2; devices.find(std::string_view(candidate.name)) != nullptr;
       ++number) {
    candidate.name = base + "-" + std::to_string(number);
  }
  return candidate.name;
}

Outcome<std::vector<IpAddress>> choose_addresses(const Draft& draft, const AddressPools& pools) {
  std::vector<IpAddress> used = pools.reserved;
  for (const auto& [id, device] : draft.directory.devices().all()) {
    used.insert(used.end(), device.addresses.begin(), device.addresses.end());
  }
  std::vector<IpAddress> chosen;
  for (const Prefix& pool : {pools.v4, pools.v6}) {
    const auto next = next_address(pool, used);
    if (!next) {
      return conflict("no address is left in " + pool.to_string() +
                      ": delete revoked devices, or give the edge a larger prefix");
    }
    chosen.push_back(*next);
  }
  return chosen;
}

Outcome<void> check_own_key(const Draft& draft, const SecretHash& key_pin) {
  for (const auto& [id, device] : draft.directory.devices().all()) {
    if (device.key_pin != key_pin) continue;
    return conflict("this machine's key is that of " + in_words(device) +
                    " already: enrol with a new key of its own");
  }
  return {};
}

}  // namespace

Outcome<Id> enrol_device(Draft& draft, const EnrolmentInput& input, const AddressPools& pools) {
  const auto key = find_key(draft, input.key);
  if (!key) return refusal_of(key);
  if (auto room = check_room<Device>(draft.directory.devices().size()); !room) {
    return refusal_of(room);
  }
  if (auto fresh = check_own_key(draft, input.key_pin); !fresh) return refusal_of(fresh);
  Device device;
  device.id = draft.new_id();
  device.created = draft.now;
  device.user = (*key)->user;
  device.tags = (*key)->tags;
  device.key_pin = input.key_pin;
  auto name = choose_name(draft, input.name, device.id);
  if (!name) return refusal_of(name);
  device.name = std::move(*name);
  auto addresses = choose_addresses(draft, pools);
  if (!addresses) return refusal_of(addresses);
  device.addresses = std::move(*addresses);

  EnrolmentKey used = **key;
  ++used.uses;
  draft.put(used);
  draft.put(device);
  Json detail = describe(device, draft.directory);
  detail["key"] = used.name;
  draft.tell("device.enrol", device.name, std::move(detail));
  return device.id;
}

}  // namespace oneping::control
