#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

namespace {

Column state() {
  return {"State", [](const Json& device) {
            const auto is = [&](const char* field) { return field_of(device, field) == true; };
            return status_cell(is("revoked") ? "revoked" : is("online") ? "online" : "offline");
          }};
}

const Columns& summary() {
  static const Columns kSummary = {
      in_words("Name", "name"),          in_words("Kind", "kind"), state(),
      in_words("User", "user"),          in_words("Tags", "tags"), in_words("Vnet", "vnet"),
      in_words("Addresses", "addresses")};
  return kSummary;
}

}  // namespace

void add_device_commands(CLI::App& app, Action& action) {
  const Noun device(app, action, "device", "Devices: from where users come");

  device.command("list", "List devices", "oneping device list")
      .lists("/devices", "devices", summary());

  device.command("info", "Show a device", "oneping device info alice-laptop")
      .argument("DEVICE", "device", "the device")
      .shows("GET /devices/{device}",
             joined(summary(), {in_words("Groups", "groups"), as_time("Last seen", "last_seen"),
                                as_time("Created", "created")}));

  device.command("revoke", "Shut a device out, from now on", "oneping device revoke alice-laptop")
      .argument("DEVICE", "device", "the device")
      .asks("POST /devices/{device}/revoke", "Device {device} is revoked.");

  device.command("restore", "Let a revoked device in again", "oneping device restore alice-laptop")
      .argument("DEVICE", "device", "the device")
      .asks("POST /devices/{device}/restore", "Device {device} is restored.");

  device
      .command("rename", "Give a device another name",
               "oneping device rename alice-laptop alice-old-laptop")
      .argument("DEVICE", "device", "the device")
      .argument("NEW", "name", "its new name")
      .asks("PATCH /devices/{device}", "Device {device} is now {name}.");

  device
      .command("set", "Change whose a device is, what, and where",
               "oneping device set alice-laptop --user alice@example.net --tag laptop")
      .argument("DEVICE", "device", "the device")
      .option("--user", "user", "USER", "to whom it belongs")
      .flag("--no-user", "user", "it belongs to nobody", nullptr)
      .list_option("--tag", "tags", "TAG", "what it is, in the place of the tags that it has")
      .flag("--no-tags", "tags", "it has no tags", Json::array())
      .option("--vnet", "vnet", "VNET", "the virtual network that it is in")
      .at_most_one({"--user", "--no-user"})
      .at_most_one({"--tag", "--no-tags"})
      .at_least_one({"--user", "--no-user", "--tag", "--no-tags", "--vnet"})
      .asks("PATCH /devices/{device}", "Device {name}: user {user}, tags {tags}, vnet {vnet}.");

  device.command("delete", "Forget a revoked device", "oneping device delete alice-old-laptop")
      .argument("DEVICE", "device", "the device")
      .asks("DELETE /devices/{device}", "Deleted device {device}.");
}

}  // namespace oneping::admin
