#include "control/auth.h"

#include <algorithm>
#include <cctype>

#include "control/cookie.h"
#include "control/describe.h"
#include "control/origin.h"
#include "control/request_content.h"
#include "control/secret_text.h"
#include "quic/crypto.h"

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
const ApiToken* token_of(const Directory& directory, const SecretHash& hash) {
  const ApiToken* found = nullptr;
  for (const auto& [id, token] : directory.api_tokens().all()) {
    if (are_equal(token.secret, hash)) found = &token;
  }
  return found;
}

Outcome<void> check_not_expired(const ApiToken& token, Timestamp now) {
  if (!token.expires || *token.expires > now) return {};
  return unauthorized("the API token " + in_quotes(token.name) + " has expired at " +
                      timestamp_text(*token.expires) + ": make another");
}

Caller caller_with(const ApiToken& token) {
  return {token.role, "token " + token.name, token.id, std::nullopt};
}

// Whoever signed in with a token is, at any time, who comes with the token.
Outcome<Caller> caller_of(const SignIn& session, const Directory& directory, Timestamp now) {
  Caller caller{session.role, session.actor, session.token, session.id};
  if (!session.token) return caller;
  const ApiToken* token = directory.api_tokens().find(*session.token);
  if (token == nullptr) {
    return unauthorized("the API token that you signed in with is deleted: use another");
  }
  if (auto good = check_not_expired(*token, now); !good) return refusal_of(good);
  caller = caller_with(*token);
  caller.session = session.id;
  return caller;
}

Outcome<Caller> authenticate_session(std::string_view cookie, const Directory& directory,
                                     SignIns& sign_ins, Timestamp now) {
  const auto secret = parse_session(cookie);
  const auto session = secret ? sign_ins.use(quic::sha256(*secret), now) : std::nullopt;
  if (!session) return unauthorized("your session is over: sign in again");
  return caller_of(*session, directory, now);
}

bool changes_nothing(const ApiRequest& request) { return request.method == "GET"; }

}  // namespace

Outcome<void> check_origin(const ApiRequest& request) {
  if (request.transport == Transport::unix_socket || request.origin.empty() ||
      is_own_origin(request.origin, request.host)) {
    return {};
  }
  return refuse(RefusalKind::forbidden, "the page that asks is of " + in_quotes(request.origin) +
                                            ", and this edge is " + in_quotes(request.host) +
                                            ": only its own page may ask");
}

Outcome<const ApiToken*> find_token(const std::string& text, const Directory& directory,
                                    Timestamp now) {
  const auto secret = parse_api_token(text);
  const ApiToken* token = secret ? token_of(directory, quic::sha256(*secret)) : nullptr;
  if (token == nullptr) {
    return unauthorized(
        "the API token is not known here: it is cut short, of another edge, or "
        "deleted");
  }
  if (auto good = check_not_expired(*token, now); !good) return refusal_of(good);
  return token;
}

Outcome<Caller> authenticate(const ApiRequest& request, const Directory& directory,
                             SignIns& sign_ins, Timestamp now) {
  if (request.transport == Transport::unix_socket) {
    return Caller{Role::admin, request.peer, std::nullopt, std::nullopt};
  }
  if (const auto text = bearer_token(request.authorization)) {
    const auto token = find_token(*text, directory, now);
    if (!token) return refusal_of(token);
    return caller_with(**token);
  }
  const auto cookie = find_cookie(request.cookie, sign_ins.cookie_name());
  if (cookie && request.authorization.empty()) {
    return authenticate_session(*cookie, directory, sign_ins, now);
  }
  return unauthorized(
      "an API token is needed: make one on the edge with `oneping api-token "
      "create`, and send it as Authorization: Bearer TOKEN");
}

Outcome<void> check_intent(const ApiRequest& request, const Caller& caller) {
  if (!caller.session || changes_nothing(request)) return {};
  if (request.origin.empty()) {
    return refuse(RefusalKind::forbidden,
                  "by cookie only the edge's own page may change something, and this request has "
                  "no Origin: send a token instead");
  }
  if (!is_json(request.content_type)) {
    return refuse(RefusalKind::forbidden,
                  "by cookie a request that changes something must be application/json, by its "
                  "Content-Type, even without a body");
  }
  return {};
}

bool is_still_good(const Caller& caller, const Directory& directory, const SignIns& sign_ins,
                   Timestamp now) {
  if (caller.session && !sign_ins.find(*caller.session, now)) return false;
  if (!caller.token) return true;
  const ApiToken* token = directory.api_tokens().find(*caller.token);
  return token != nullptr && (!token->expires || *token->expires > now);
}

}  // namespace oneping::control
