// /session and /sessions: who is signed in at the dashboard.
#include "control/answers.h"
#include "control/cookie.h"
#include "control/secret_text.h"
#include "quic/crypto.h"

namespace oneping::control {

namespace {

std::vector<FieldInfo> session_answer() {
  return {
      answered("id", schema::integer(), "never used again until the edge starts anew"),
      answered("actor", schema::text(), "what the audit log calls who signed in"),
      answered("role", schema_of(static_cast<const Role*>(nullptr)), "what he may"),
      answered("peer", schema::text(), "the address that he signed in from"),
      answered("began", schema::text("date-time"), "when he signed in"),
      answered("used", schema::text("date-time"), "when he last asked for something"),
      answered("expires", schema::text("date-time"), "when it is over if he does not any more"),
  };
}

std::vector<FieldInfo> caller_answer() {
  const Json session_or_null = {{"oneOf", {schema::component("Session"), {{"type", "null"}}}}};
  return {
      answered("actor", schema::text(), "what the audit log calls who asks"),
      answered("role", schema_of(static_cast<const Role*>(nullptr)), "what he may"),
      answered("session", session_or_null, "of the dashboard; null: he came without its cookie"),
  };
}

Json show_session(const SignIn& session, Role role) {
  return {{"id", session.id},
          {"actor", session.actor},
          {"role", to_string(role)},
          {"peer", session.peer},
          {"began", timestamp_text(session.began)},
          {"used", timestamp_text(session.used)},
          {"expires", timestamp_text(SignIns::end_of(session))}};
}

Json show_caller(const Caller& caller, const std::optional<SignIn>& session) {
  return {{"actor", caller.actor},
          {"role", to_string(caller.role)},
          {"session", session ? show_session(*session, caller.role) : Json(nullptr)}};
}

struct SignInInput {
  std::optional<std::string> token;
  std::optional<std::string> link;
};

// Who may begin a session by what he sent.
Outcome<SignIn> admitted_by_token(const Call& call, const std::string& text) {
  return call.control.read([&](const Directory& directory) -> Outcome<SignIn> {
    const auto token = find_token(text, directory, call.control.now());
    if (!token) return refusal_of(token);
    SignIn session;
    session.role = (*token)->role;
    session.token = (*token)->id;
    session.actor = "token " + (*token)->name;
    return session;
  });
}

Outcome<SignIn> admitted_by_link(const Call& call, const std::string& text) {
  const auto secret = parse_link(text);
  const auto link = secret ? call.control.sign_ins().take(quic::sha256(*secret), call.control.now())
                           : std::nullopt;
  if (!link) {
    return refuse(RefusalKind::unauthorized,
                  "this link is used up or over, for it is good once and for five minutes: "
                  "`oneping edge dashboard` prints another");
  }
  SignIn session;
  session.role = link->role;
  session.actor = "link of " + link->actor;
  return session;
}

// The page that asks was opened by TLS, which ends in front of the edge.
bool is_secure(const ApiRequest& request) { return request.origin.starts_with("https://"); }

Outcome<ApiResponse> sign_in(const Call& call, const SignInInput& input) {
  if (input.token.has_value() == input.link.has_value()) {
    return malformed("token", "token or link is needed, and not both");
  }
  auto admitted =
      input.token ? admitted_by_token(call, *input.token) : admitted_by_link(call, *input.link);
  if (!admitted) return refusal_of(admitted);
  admitted->peer = call.request.peer;
  SignIns& sign_ins = call.control.sign_ins();
  const Secret secret = call.control.fresh_secret();
  const SignIn session = sign_ins.begin(quic::sha256(secret), *admitted, call.control.now());
  call.control.record(session.actor, "session.create", session.actor,
                      {{"role", to_string(session.role)}, {"peer", session.peer}});
  const Caller caller{session.role, session.actor, session.token, session.id};
  ApiResponse response = respond(show_caller(caller, session), 201);
  response.set_cookie = cookie_to_set(sign_ins.cookie_name(), session_text(secret),
                                      SignIns::kLongest, is_secure(call.request));
  return response;
}

Outcome<ApiResponse> show_caller_of(const Call& call) {
  std::optional<SignIn> session;
  if (call.caller.session) {
    session = call.control.sign_ins().find(*call.caller.session, call.control.now());
  }
  return respond(show_caller(call.caller, session));
}

Outcome<ApiResponse> end_session(const Call& call, Id session) {
  const auto known = call.control.sign_ins().find(session, call.control.now());
  if (!known || !call.control.sign_ins().end(session)) return not_found("there is no such session");
  call.control.record(call.caller.actor, "session.delete", known->actor, {{"peer", known->peer}});
  ApiResponse response;
  response.status = 204;
  return response;
}

Outcome<ApiResponse> sign_out(const Call& call) {
  if (!call.caller.session) {
    return conflict("nobody is signed in here: this request did not come by a session's cookie");
  }
  auto response = end_session(call, *call.caller.session);
  if (response) {
    response->set_cookie = cookie_to_set(call.control.sign_ins().cookie_name(), "",
                                         std::chrono::seconds(0), is_secure(call.request));
  }
  return response;
}

Outcome<ApiResponse> list_sessions(const Call& call, const PageInput& input) {
  const auto page = page_of(input);
  if (!page) return refusal_of(page);
  const Timestamp now = call.control.now();
  return call.control.read([&](const Directory& directory) -> Outcome<ApiResponse> {
    const auto is_good = [&](const SignIn& session) {
      return is_still_good({session.role, session.actor, session.token, session.id}, directory,
                           call.control.sign_ins(), now);
    };
    return respond(
        list_page(call.control.sign_ins().all(now), *page, is_good,
                  [&](const SignIn& session) { return show_session(session, session.role); }));
  });
}

struct LinkInput {
  std::optional<Role> role;
};

// From the machine itself only: who came in by a token must not outlast it.
Outcome<ApiResponse> offer_link(const Call& call, const LinkInput& input) {
  if (call.request.transport != Transport::unix_socket) {
    return refuse(RefusalKind::forbidden,
                  "a link is made on the edge's own machine, by `oneping edge dashboard`: sign in "
                  "with the token instead");
  }
  SignIns& sign_ins = call.control.sign_ins();
  const auto dashboard = sign_ins.dashboard();
  if (dashboard.address.empty()) {
    return conflict("this edge serves no dashboard: " + dashboard.absence);
  }
  const Secret secret = call.control.fresh_secret();
  const Timestamp until = call.control.now() + SignIns::kLinkGood;
  sign_ins.offer(quic::sha256(secret),
                 {input.role.value_or(Role::admin), call.caller.actor, until});
  return respond({{"link", link_text(secret)},
                  {"address", dashboard.address},
                  {"expires", timestamp_text(until)}},
                 201);
}

std::vector<FieldInfo> link_answer() {
  return {
      answered("link", schema::text(), "what POST /session takes, once; a secret"),
      answered("address", schema::text(), "of the dashboard; behind #link= it signs in"),
      answered("expires", schema::text("date-time"), "it is good until then"),
  };
}

}  // namespace

void add_session_endpoints(Endpoints& endpoints) {
  endpoints.define("Session", answer_schema(session_answer()));
  endpoints.define("Caller", answer_schema(caller_answer()));
  endpoints.define("SignInLink", answer_schema(link_answer()));
  endpoints.add({"POST", "/session", "Signs in at the dashboard: the answer sets a cookie",
                 Access::anyone, makes("Caller")},
                Body<SignInInput>{{field<SignInInput>("token", Use::optional, &SignInInput::token,
                                                      "an API token; this or link"),
                                   field<SignInInput>("link", Use::optional, &SignInInput::link,
                                                      "of a one-time link")},
                                  Purpose::make},
                sign_in);
  endpoints.add({"GET", "/session", "Says who asks", Access::read, answers("Caller")},
                show_caller_of);
  endpoints.add({"DELETE", "/session", "Signs out", Access::read, deletes()}, sign_out);
  endpoints.add(
      {"POST", "/session/link", "Makes a one-time link that signs in; by the Unix socket only",
       Access::admin, makes("SignInLink")},
      Body<LinkInput>{{field<LinkInput>("role", Use::optional, &LinkInput::role,
                                        "of the session; `admin` if not given")},
                      Purpose::make},
      offer_link);
  endpoints.add({"GET", "/sessions", "Lists who is signed in at the dashboard", Access::admin,
                 lists("Session")},
                page_query<PageInput>(), list_sessions);
  endpoints.add({"DELETE", "/sessions/{session}", "Ends a session", Access::admin, deletes()},
                [](const Call& call) { return end_session(call, id_in(call.parameters[0])); });
}

}  // namespace oneping::control
