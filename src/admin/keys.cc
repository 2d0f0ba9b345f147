#include "admin/commands.h"
#include "admin/parse.h"
#include "admin/secret.h"

namespace oneping::admin {

void add_key_commands(CLI::App& app, Action& action) {
  const Noun key(app, action, "key", "Enrolment keys, with which devices join");

  auto create = key.command("create", "Make an enrolment key",
                            "oneping key create laptops --reusable --expires 7d --tag laptop "
                            "--out laptops.key");
  create.optional_argument("NAME", "name", "what to call it (default: the API chooses one)")
      .flag("--reusable", "reusable", "for any number of devices; without it for one")
      .option("--expires", "expires", "TIME", "when it ends: 24h, 2026-12-31, ... (default never)",
              parse_time_ahead)
      .option("--user", "user", "USER", "to whom its devices belong")
      .list_option("--tag", "tags", "TAG", "what its devices are");
  makes_secret(create, {.request = "POST /keys",
                        .field = "key",
                        .what = "Enrolment key {name}",
                        .again = "revoke it with `oneping key revoke {name}`, and make another",
                        .next = ""});

  key.command("list", "List enrolment keys", "oneping key list")
      .lists(
          "/keys", "enrolment keys",
          {in_words("Name", "name"), as_status("State", "state"), in_words("Reusable", "reusable"),
           as_number("Uses", "uses"), as_time("Expires", "expires"), in_words("User", "user"),
           in_words("Tags", "tags"), as_time("Created", "created")});

  key.command("revoke", "End an enrolment key; devices that it let in stay",
              "oneping key revoke laptops")
      .argument("KEY", "key", "the key")
      .asks("POST /keys/{key}/revoke", "Enrolment key {name} is revoked.");
}

}  // namespace oneping::admin
