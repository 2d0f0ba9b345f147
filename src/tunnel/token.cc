#include "tunnel/token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/trimmed.h"
#include "base/uuid.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxTokenSize = 8192;
constexpr std::size_t kMinSecretSize = 32;  // bytes; what cloudflared makes
constexpr std::size_t kMaxSecretSize = 64;
constexpr std::size_t kMaxAccountSize = 256;

tl::unexpected<Error> damaged(std::string_view why) {
  return fail("not a tunnel token (" + std::string(why) +
              "): make one on the edge with `oneping tunnel token`");
}

// A text field, or nothing.
std::optional<std::string> text_field(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return field->get<std::string>();
}

}  // namespace

std::string make_token(const TunnelToken& token) {
  nlohmann::ordered_json object = {
      {"a", token.account}, {"t", to_string(token.tunnel_id)}, {"s", to_base64(token.secret)}};
  if (token.edge_pin) object["p"] = to_base64(*token.edge_pin);
  const std::string json = object.dump();
  return to_base64({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
}

Result<TunnelToken> parse_token(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return damaged("it is empty");
  if (text.size() > kMaxTokenSize) return damaged("it is too long");
  const auto bytes = from_base64(text);
  if (!bytes) return damaged("it is not base64, or cut short");
  const auto json = nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false);
  if (!json.is_object()) return damaged("there is no JSON object in it, or it is cut short");

  TunnelToken token;
  const auto account = text_field(json, "a");
  if (!account || account->size() > kMaxAccountSize) return damaged("it has no account, \"a\"");
  token.account = *account;

  const auto id = parse_uuid(text_field(json, "t").value_or(""));
  if (!id) return damaged("it has no tunnel id, \"t\"");
  token.tunnel_id = *id;

  auto secret = from_base64(text_field(json, "s").value_or(""));
  if (!secret || secret->size() < kMinSecretSize || secret->size() > kMaxSecretSize) {
    return damaged("it has no secret of 32 to 64 bytes, \"s\"");
  }
  token.secret = std::move(*secret);

  if (json.contains("p")) {
    const auto pin = from_base64(text_field(json, "p").value_or(""));
    quic::KeyPin key_pin;
    if (!pin || pin->size() != key_pin.size()) return damaged("its pin, \"p\", is no SHA-256");
    std::copy(pin->begin(), pin->end(), key_pin.begin());
    token.edge_pin = key_pin;
  }
  return token;
}

}  // namespace oneping::tunnel
