#include "app/tunnel_secrets.h"

#include <nlohmann/json.hpp>

#include "app/files.h"
#include "base/hex.h"
#include "base/uuid.h"

namespace oneping {

namespace {
constexpr std::size_t kSecretSize = 32;
constexpr const char* kAccount = "oneping";
}  // namespace

bool is_tunnel_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == name.npos;
}

std::string TunnelSecrets::path_of(const std::string& name) const {
  return folder_ + "/tunnels/" + name + ".json";
}

Result<std::optional<TunnelSecret>> TunnelSecrets::load(const std::string& name) const {
  const std::string path = path_of(name);
  if (!file_exists(path)) return std::nullopt;
  const auto text = read_file(path);
  if (!text) return tl::make_unexpected(text.error());
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto field = [&](const char* key) {
    const bool is_text = json.is_object() && json.contains(key) && json[key].is_string();
    return is_text ? json[key].get<std::string>() : std::string();
  };
  TunnelSecret secret;
  const auto id = parse_uuid(field("id"));
  secret.account = field("account");
  if (!id || secret.account.empty() || !from_hex(field("secret_sha256"), secret.secret_sha256)) {
    return fail(path + " is damaged: restore it, or make a new token with `oneping tunnel token " +
                name + " --rotate` after removing it");
  }
  secret.id = *id;
  return secret;
}

Result<tunnel::TunnelToken> TunnelSecrets::make(const std::string& name, Random& random) const {
  const auto before = load(name);
  if (!before) return tl::make_unexpected(before.error());
  tunnel::TunnelToken token;
  token.account = *before ? (*before)->account : kAccount;
  token.tunnel_id = *before ? (*before)->id : random_uuid(random);
  token.secret.resize(kSecretSize);
  random.fill(token.secret);
  return token;
}

Result<void> TunnelSecrets::store(const std::string& name, const tunnel::TunnelToken& token) const {
  if (auto made = make_folder(folder_ + "/tunnels", 0700); !made) return made;
  const nlohmann::ordered_json object = {{"id", to_string(token.tunnel_id)},
                                         {"secret_sha256", to_hex(quic::sha256(token.secret))},
                                         {"account", token.account}};
  return write_file(path_of(name), object.dump(2) + "\n", 0600, Overwrite::yes);
}

}  // namespace oneping
