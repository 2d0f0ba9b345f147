#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

void add_vnet_commands(CLI::App& app, Action& action) {
  const Noun vnet(app, action, "vnet", "Virtual networks, which may hold the same prefixes");

  vnet.command("create", "Make a virtual network",
               "oneping vnet create customer-b --comment 'Their 10.0.0.0/8'")
      .argument("NAME", "name", "what to call it")
      .option("--comment", "comment", "TEXT", "what it is for")
      .asks("POST /vnets", "Made virtual network {name}.");

  vnet.command("list", "List virtual networks", "oneping vnet list")
      .lists("/vnets", "virtual networks",
             {in_words("Name", "name"), as_number("Routes", "routes"),
              as_time("Created", "created"), in_words("Comment", "comment")});

  vnet.command("rename", "Give a virtual network another name",
               "oneping vnet rename customer-b berlin")
      .argument("VNET", "vnet", "the virtual network")
      .argument("NEW", "name", "its new name")
      .asks("PATCH /vnets/{vnet}", "Virtual network {vnet} is now {name}.");

  vnet.command("delete", "Delete a virtual network that nothing uses",
               "oneping vnet delete customer-b")
      .argument("VNET", "vnet", "the virtual network")
      .asks("DELETE /vnets/{vnet}", "Deleted virtual network {vnet}.");
}

}  // namespace oneping::admin
