#include "admin/commands.h"
#include "admin/parse.h"
#include "admin/secret.h"

namespace oneping::admin {

void add_api_token_commands(CLI::App& app, Action& action) {
  const Noun token(app, action, "api-token", "Tokens that open the control API over HTTP");

  auto create =
      token.command("create", "Make an API token",
                    "oneping api-token create ci --role read --expires 90d --out ci.token");
  create.argument("NAME", "name", "what to call it")
      .option("--role", "role", "read|admin", "what it allows (default read)", parse_role)
      .option("--expires", "expires", "TIME", "when it ends: 90d, 2026-12-31, ... (default never)",
              parse_time_ahead);
  makes_secret(create,
               {.request = "POST /api-tokens",
                .field = "token",
                .what = "API token {name}",
                .again = "delete it with `oneping api-token delete {name}`, and make another",
                .next = ""});

  token.command("list", "List API tokens", "oneping api-token list")
      .lists("/api-tokens", "API tokens",
             {in_words("Name", "name"), in_words("Role", "role"), as_time("Expires", "expires"),
              as_time("Created", "created")});

  token.command("delete", "End an API token", "oneping api-token delete ci")
      .argument("API-TOKEN", "api_token", "the token's name")
      .asks("DELETE /api-tokens/{api_token}", "Deleted API token {api_token}.");
}

}  // namespace oneping::admin
