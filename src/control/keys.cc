#include "control/keys.h"

#include "control/secret_text.h"
#include "masque/enrolment_key.h"
#include "quic/crypto.h"

namespace oneping::control {

Outcome<Id> create_key(Draft& draft, const KeyInput& input, const quic::KeyPin& edge_pin,
                       std::string& text) {
  if (auto room = check_room<EnrolmentKey>(draft.directory.enrolment_keys().size()); !room) {
    return refusal_of(room);
  }
  EnrolmentKey key;
  key.id = draft.new_id();
  key.created = draft.now;
  key.name = input.name.value_or("key-" + std::to_string(key.id));
  key.reusable = input.reusable.value_or(false);
  if (input.expires) key.expires = *input.expires;
  if (input.tags) key.tags = without_repeats(input.tags->value_or(std::vector<std::string>()));
  if (input.user && *input.user) {
    const auto user = named<User>(draft.directory, "user", **input.user);
    if (!user) return refusal_of(user);
    key.user = (*user)->id;
  }
  if (auto good = check_name(draft.directory.enrolment_keys(), key); !good) return refusal_of(good);
  if (auto good = check_tags(key.tags); !good) return refusal_of(good);
  if (auto good = check_expiry(key.expires, draft.now); !good) return refusal_of(good);

  const Secret secret = random_secret(draft.random);
  key.secret = quic::sha256(secret);
  text = masque::make_enrolment_key(secret, edge_pin).text;
  draft.create(key);
  return key.id;
}

Outcome<Id> update_key(Draft& draft, const Reference& which, const KeyInput& input) {
  const auto before = subject<EnrolmentKey>(draft.directory, which);
  if (!before) return refusal_of(before);
  EnrolmentKey key = **before;
  if (input.expires) {
    key.expires = *input.expires;
    if (auto good = check_expiry(key.expires, draft.now); !good) return refusal_of(good);
  }
  draft.update(**before, key);
  return key.id;
}

Outcome<Id> revoke_key(Draft& draft, const Reference& which) {
  const auto before = subject<EnrolmentKey>(draft.directory, which);
  if (!before) return refusal_of(before);
  EnrolmentKey key = **before;
  if (key.revoked) return key.id;
  key.revoked = true;
  draft.put(key);
  draft.tell("key.revoke", key.name);
  return key.id;
}

Outcome<Id> delete_key(Draft& draft, const Reference& which) {
  const auto key = subject<EnrolmentKey>(draft.directory, which);
  if (!key) return refusal_of(key);
  draft.erase(**key);
  return (*key)->id;
}

const char* state_of(const EnrolmentKey& key, Timestamp now) {
  if (key.revoked) return "revoked";
  if (!key.reusable && key.uses > 0) return "used";
  if (key.expires && *key.expires <= now) return "expired";
  return "valid";
}

}  // namespace oneping::control
