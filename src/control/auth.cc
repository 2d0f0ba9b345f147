#include "control/auth.h"

#include <algorithm>
#include <cctype>

#include "control/describe.h"
#include "control/secret_text.h"
#include "quic/tls.h"

namespace oneping::control {

namespace {

tl::unexpected<Refusal> unauthorized(std::string detail) {
  return refuse(RefusalKind::unauthorized, std::move(detail));
}

// RFC 9110, 11.4: the scheme in any case, a space, the token.
std::optional<std::string> bearer_token(const std::string& authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  const bool is_bearer =
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                 [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
  const auto begin = authorization.find_first_not_of(' ', kScheme.size());
  if (!is_bearer || begin == authorization.npos) return std::nullopt;
  return authorization.substr(begin);
}

// Looks at every token, wherever it is found.
const ApiToken* find_token(const Directory& directory, const SecretHash& hash) {
  const ApiToken* found = nullptr;
  for (const auto& [id, token] : directory.api_tokens().all()) {
    if (are_equal(token.secret, hash)) found = &token;
  }
  return found;
}

}  // namespace

Outcome<Caller> authenticate(const ApiRequest& request, const Directory& directory, Timestamp now) {
  if (request.transport == Transport::unix_socket) return Caller{Role::admin, request.peer};
  const auto text = bearer_token(request.authorization);
  if (!text) {
    return unauthorized(
        "an API token is needed: make one on the edge with `oneping api-token "
        "create`, and send it as Authorization: Bearer TOKEN");
  }
  const auto secret = parse_api_token(*text);
  const ApiToken* token = secret ? find_token(directory, quic::sha256(*secret)) : nullptr;
  if (token == nullptr) {
    return unauthorized(
        "the API token is not known here: it is cut short, of another edge, or "
        "deleted");
  }
  if (token->expires && *token->expires <= now) {
    return unauthorized("the API token " + in_quotes(token->name) + " has expired at " +
                        to_string(*token->expires) + ": make another");
  }
  return Caller{token->role, "token " + token->name};
}

}  // namespace oneping::control
