#include "control/tunnels.h"

#include "quic/crypto.h"
#include "tunnel/token.h"

namespace oneping::control {

namespace {

constexpr const char* kAccount = "oneping";
constexpr std::size_t kSecretSize = 32;
constexpr std::chrono::milliseconds kMaxGrace = std::chrono::hours(30 * 24);

Outcome<void> fill(Tunnel& tunnel, const TunnelInput& input, const Draft& draft) {
  if (input.name) tunnel.name = *input.name;
  if (input.path) tunnel.path = *input.path;
  if (input.comment) tunnel.comment = input.comment->value_or("");
  if (auto good = check_name(draft.directory.tunnels(), tunnel); !good) return good;
  return check_comment(tunnel.comment);
}

// Gives the tunnel a new secret and returns the token that holds it.
std::string give_secret(Tunnel& tunnel, const quic::KeyPin& edge_pin, Random& random) {
  tunnel::TunnelToken token{
      .account = tunnel.account, .tunnel_id = tunnel.uuid, .secret = {}, .edge_pin = edge_pin};
  token.secret.resize(kSecretSize);
  random.fill(token.secret);
  tunnel.secret = quic::sha256(token.secret);
  return tunnel::make_token(token);
}

// What the audit log says of a tunnel that takes its routes with it.
Json with_lost_routes(const Draft& draft) {
  constexpr std::size_t kNamed = 1000;
  Json detail = draft.detail();
  detail["routes"] = draft.changes().size() - 1;
  Json prefixes = Json::array();
  for (const Change& change : draft.changes()) {
    const auto* gone = std::get_if<Erase>(&change);
    if (gone == nullptr || gone->kind != Kind::route || prefixes.size() == kNamed) continue;
    prefixes.push_back(draft.directory.find_route(gone->id)->prefix.to_string());
  }
  detail["route_prefixes"] = std::move(prefixes);
  return detail;
}

}  // namespace

Outcome<Id> create_tunnel(Draft& draft, const TunnelInput& input) {
  if (auto room = check_room<Tunnel>(draft.directory.tunnels().size()); !room) {
    return refusal_of(room);
  }
  Tunnel tunnel;
  tunnel.id = draft.new_id();
  tunnel.uuid = random_uuid(draft.random);
  tunnel.account = kAccount;
  tunnel.created = draft.now;
  if (auto good = fill(tunnel, input, draft); !good) return refusal_of(good);
  draft.create(tunnel);
  return tunnel.id;
}

Outcome<Id> update_tunnel(Draft& draft, const Reference& which, const TunnelInput& input) {
  const auto before = subject<Tunnel>(draft.directory, which);
  if (!before) return refusal_of(before);
  Tunnel tunnel = **before;
  if (auto good = fill(tunnel, input, draft); !good) return refusal_of(good);
  draft.update(**before, tunnel);
  return tunnel.id;
}

Outcome<Id> delete_tunnel(Draft& draft, const Reference& which, bool with_routes) {
  const auto tunnel = subject<Tunnel>(draft.directory, which);
  if (!tunnel) return refusal_of(tunnel);
  const Directory::Ids& routes = draft.directory.routes_of((*tunnel)->id);
  if (!routes.empty() && !with_routes) {
    return conflict(in_words(**tunnel) + " has " + std::to_string(routes.size()) +
                    " routes: delete them first, or say that they go with it (force)");
  }
  for (const Id route : routes) draft.put(Erase{Kind::route, route});
  draft.erase(**tunnel);
  if (!routes.empty()) draft.tell(draft.action(), draft.object(), with_lost_routes(draft));
  return (*tunnel)->id;
}

Outcome<Id> first_token(Draft& draft, const Reference& which, const quic::KeyPin& edge_pin,
                        std::string& token) {
  const auto before = subject<Tunnel>(draft.directory, which);
  if (!before) return refusal_of(before);
  Tunnel tunnel = **before;
  if (tunnel.secret) {
    return conflict(in_words(tunnel) +
                    " has a token already, which is not shown twice: rotate it to get another");
  }
  token = give_secret(tunnel, edge_pin, draft.random);
  draft.put(tunnel);
  draft.tell("tunnel.token", tunnel.name);
  return tunnel.id;
}

Outcome<Id> rotate_token(Draft& draft, const Reference& which, std::chrono::milliseconds grace,
                         const quic::KeyPin& edge_pin, std::string& token) {
  const auto before = subject<Tunnel>(draft.directory, which);
  if (!before) return refusal_of(before);
  Tunnel tunnel = **before;
  if (!tunnel.secret) {
    return conflict(in_words(tunnel) +
                    " has no token yet that could be rotated: make the first one");
  }
  if (grace < grace.zero() || grace > kMaxGrace) {
    return invalid("grace_ms",
                   "a token is good for 30 days (2592000000 ms) at most after it was "
                   "rotated");
  }
  tunnel.previous_secret.reset();
  tunnel.previous_until = draft.now + grace;
  if (grace > grace.zero()) tunnel.previous_secret = tunnel.secret;
  token = give_secret(tunnel, edge_pin, draft.random);
  draft.put(tunnel);
  draft.tell("tunnel.rotate", tunnel.name, {{"grace_ms", grace.count()}});
  return tunnel.id;
}

}  // namespace oneping::control
