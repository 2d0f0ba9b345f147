// /devices: who sends packets.
#include "control/collection.h"
#include "control/devices.h"

namespace oneping::control {

namespace {

std::vector<FieldInfo> session_answer() {
  return {
      answered("peer", schema::text(), "where its packets come from"),
      answered("age_ms", schema::number(), "since it was opened"),
      answered("rtt_ms", schema::number(), "between device and edge"),
      answered("loss", schema::number(), "of what the edge sent, 0 to 1"),
      answered("datagrams_sent", schema::integer(), "by the edge"),
      answered("datagrams_lost", schema::integer(), "of them"),
      answered("mtu", schema::integer(), "the largest IP packet that it carries now"),
  };
}

Fields<DeviceInput> device_fields() {
  return {
      answer<DeviceInput>("id", schema::integer(), "never used again"),
      field<DeviceInput>("name", Use::required, &DeviceInput::name, "what policies call it"),
      field<DeviceInput>("user", Use::optional, &DeviceInput::user, "whose it is; null: nobody's"),
      field<DeviceInput>("tags", Use::optional, &DeviceInput::tags, "what policies may name"),
      field<DeviceInput>("vnet", Use::optional, &DeviceInput::vnet,
                         "the virtual network that its packets are routed in"),
      answer<DeviceInput>("created", schema::text("date-time"), "when it enrolled"),
      answer<DeviceInput>("kind", schema::one_of({"ingress", "enrolled"}),
                          "the edge's own way in, or a client"),
      answer<DeviceInput>("addresses", schema::list_of(schema::text()), "its virtual addresses"),
      answer<DeviceInput>("revoked", schema::boolean(), "nothing of it is carried"),
      answer<DeviceInput>("online", schema::boolean(), "it can send now"),
      answer<DeviceInput>("last_seen", schema::nullable(schema::text("date-time")),
                          "when it last had a session"),
      answer<DeviceInput>("groups", schema::list_of(schema::text()), "of its user"),
      answer<DeviceInput>("sessions", schema::list_of(answer_schema(session_answer())),
                          "that it has now, the newest first"),
  };
}

Json show_session(const edge::DeviceSessionStatus& session) {
  const double sent = static_cast<double>(session.datagrams_sent);
  const double lost = static_cast<double>(session.datagrams_lost);
  return {{"peer", session.peer.to_string()},
          {"age_ms", milliseconds_or_null(session.age)},
          {"rtt_ms", milliseconds_or_null(session.rtt)},
          {"loss", sent > 0 ? lost / sent : 0.0},
          {"datagrams_sent", session.datagrams_sent},
          {"datagrams_lost", session.datagrams_lost},
          {"mtu", session.mtu}};
}

Json show_device(const Device& device, const View& view) {
  Json json = show_plain(device, view.directory);
  json["kind"] = device.kind == DeviceKind::ingress ? "ingress" : "enrolled";
  json["addresses"] = Json::array();
  for (const IpAddress& address : device.addresses)
    json["addresses"].push_back(address.to_string());
  json["revoked"] = device.revoked;
  const auto live = view.sessions.find(device.id);
  const bool has_session = live != view.sessions.end();
  json["online"] = has_session || (device.kind == DeviceKind::ingress && !device.revoked);
  json["last_seen"] = time_or_null(device.last_seen);
  json["groups"] = compile_identity(device, view.directory).groups;
  json["sessions"] = Json::array();
  if (has_session) {
    for (const auto& session : live->second) json["sessions"].push_back(show_session(session));
  }
  return json;
}

}  // namespace

void add_device_endpoints(Endpoints& endpoints) {
  endpoints.define("Device", answer_schema(device_fields().infos()));
  const Collection<Device, DeviceInput> devices{
      .path = "/devices",
      .component = "Device",
      .one = "a device",
      .many = "devices",
      .fields = device_fields(),
      .live = Live::sessions,
      .show = show_device,
      .update = update_device,
      .erase = delete_device,
  };
  add_list(endpoints, devices);
  add_show(endpoints, devices);
  add_update(endpoints, devices);
  add_delete(endpoints, devices);
  add_action(endpoints, devices, "revoke", "Ends all that a device may do", revoke_device);
  add_action(endpoints, devices, "restore", "Lets a revoked device come back", restore_device);
}

}  // namespace oneping::control
