// /vnets: virtual networks, in each of which a prefix means something of its own.
#include "control/collection.h"
#include "control/vnets.h"

namespace oneping::control {

namespace {

Fields<VnetInput> vnet_fields() {
  return {
      answer<VnetInput>("id", schema::integer(), "never used again"),
      field<VnetInput>("name", Use::required, &VnetInput::name, "what people call it"),
      field<VnetInput>("comment", Use::optional, &VnetInput::comment, "for people"),
      answer<VnetInput>("created", schema::text("date-time"), "when it was made"),
      answer<VnetInput>("routes", schema::integer(), "how many are in it"),
  };
}

Json show_vnet(const Vnet& vnet, const View& view) {
  Json json = show_plain(vnet, view.directory);
  json["routes"] = view.directory.routes_in(vnet.id).size();
  return json;
}

}  // namespace

void add_vnet_endpoints(Endpoints& endpoints) {
  endpoints.define("Vnet", answer_schema(vnet_fields().infos()));
  const Collection<Vnet, VnetInput> vnets{
      .path = "/vnets",
      .component = "Vnet",
      .one = "a virtual network",
      .many = "virtual networks",
      .fields = vnet_fields(),
      .show = show_vnet,
      .create = create_vnet,
      .update = update_vnet,
      .erase = delete_vnet,
  };
  add_list(endpoints, vnets);
  add_create(endpoints, vnets);
  add_show(endpoints, vnets);
  add_update(endpoints, vnets);
  add_delete(endpoints, vnets);
}

}  // namespace oneping::control
