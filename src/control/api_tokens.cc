#include "control/api_tokens.h"

#include "control/secret_text.h"
#include "quic/crypto.h"

namespace oneping::control {

Outcome<Id> create_api_token(Draft& draft, const ApiTokenInput& input, std::string& text) {
  if (auto room = check_room<ApiToken>(draft.directory.api_tokens().size()); !room) {
    return refusal_of(room);
  }
  ApiToken token;
  token.id = draft.new_id();
  token.created = draft.now;
  token.name = input.name.value_or("");
  token.role = input.role.value_or(Role::read);
  if (input.expires) token.expires = *input.expires;
  if (auto good = check_name(draft.directory.api_tokens(), token); !good) return refusal_of(good);
  if (auto good = check_expiry(token.expires, draft.now); !good) return refusal_of(good);

  const Secret secret = random_secret(draft.random);
  token.secret = quic::sha256(secret);
  text = api_token_text(secret);
  draft.create(token);
  return token.id;
}

Outcome<Id> delete_api_token(Draft& draft, const Reference& which) {
  const auto token = subject<ApiToken>(draft.directory, which);
  if (!token) return refusal_of(token);
  draft.erase(**token);
  return (*token)->id;
}

}  // namespace oneping::control
