// Commands whose answer holds a secret that is never shown again: a token, a key.
#pragma once

#include <string>

#include "admin/api_command.h"

namespace oneping::admin {

struct Secret {
  std::string request;
  std::string field;  // of the answer: where the secret is
  std::string what;   // "The token of tunnel {tunnel}"
  std::string again;  // how to get another if this one is lost
  std::string next;   // what to do with it, where it is in {file}; may be empty
};

// Adds --out and --force. Without --out the secret alone goes to standard output.
void makes_secret(ApiCommand& command, const Secret& secret);

}  // namespace oneping::admin
