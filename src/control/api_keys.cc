// /keys: what lets devices enrol.
#include "control/collection.h"
#include "control/keys.h"

namespace oneping::control {

namespace {

Fields<KeyInput> key_fields() {
  return {
      answer<KeyInput>("id", schema::integer(), "never used again"),
      field<KeyInput>("name", Use::fixed, &KeyInput::name, "`key-ID` if not given"),
      field<KeyInput>("reusable", Use::fixed, &KeyInput::reusable,
                      "for any number of devices, not one"),
      field<KeyInput>("expires", Use::optional, &KeyInput::expires, "null: never"),
      field<KeyInput>("user", Use::fixed, &KeyInput::user, "whose device it becomes"),
      field<KeyInput>("tags", Use::fixed, &KeyInput::tags, "what the device gets"),
      answer<KeyInput>("created", schema::text("date-time"), "when it was made"),
      answer<KeyInput>("uses", schema::integer(), "how many devices enrolled by it"),
      answer<KeyInput>("state", schema::one_of({"valid", "used", "expired", "revoked"}),
                       "whether it opens anything"),
      answer<KeyInput>("key", schema::text(), "the secret, for who made it", Use::once),
  };
}

Json show_key(const EnrolmentKey& key, const View& view) {
  Json json = show_plain(key, view.directory);
  json["uses"] = key.uses;
  json["state"] = state_of(key, view.now);
  return json;
}

}  // namespace

void add_key_endpoints(Endpoints& endpoints) {
  endpoints.define("Key", answer_schema(key_fields().infos()));
  const Collection<EnrolmentKey, KeyInput> keys{
      .path = "/keys",
      .component = "Key",
      .one = "an enrolment key",
      .many = "enrolment keys",
      .fields = key_fields(),
      .show = show_key,
      .update = update_key,
      .erase = delete_key,
  };
  add_list(endpoints, keys);
  endpoints.add({"POST", "/keys", "Makes an enrolment key", Access::admin, makes("Key")},
                Body<KeyInput>{key_fields(), Purpose::make},
                [keys](const Call& call, const KeyInput& input) {
                  std::string text;
                  return change_and_show(
                      call, keys,
                      [&](Draft& draft) {
                        return create_key(draft, input, call.control.facts().ca_pin, text);
                      },
                      201, [&](Json& json) { json["key"] = text; });
                });
  add_show(endpoints, keys);
  add_update(endpoints, keys);
  add_delete(endpoints, keys);
  add_action(endpoints, keys, "revoke", "Makes an enrolment key open nothing any more", revoke_key);
}

}  // namespace oneping::control
