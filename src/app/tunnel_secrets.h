// What the edge keeps of each tunnel, in tunnels/NAME.json of its state folder: the id and the
// SHA-256 of the secret. The secret itself is in the token only, so a token cannot be shown twice.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "tunnel/token.h"
#include "base/random.h"
#include "base/result.h"

namespace oneping {

struct TunnelSecret {
  Uuid id{};
  std::string account;
  std::array<std::uint8_t, 32> secret_sha256{};
};

// Letters, digits, dot, dash and underscore, not beginning with a dot, at most 64: a name is part
// of a file's name.
[[nodiscard]] bool is_tunnel_name(std::string_view name);

class TunnelSecrets {
 public:
  // The folder need not exist.
  explicit TunnelSecrets(std::string state_folder) : folder_(std::move(state_folder)) {}

  // Nothing for a tunnel that has no secret yet. An error for a damaged file, which stays.
  [[nodiscard]] Result<std::optional<TunnelSecret>> load(const std::string& name) const;

  // A token with a new secret; the id stays if the tunnel has one. Changes nothing.
  [[nodiscard]] Result<tunnel::TunnelToken> make(const std::string& name, Random& random) const;
  // Makes the token the tunnel's, in place of the one before.
  [[nodiscard]] Result<void> store(const std::string& name, const tunnel::TunnelToken& token) const;

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const;
  std::string folder_;
};

}  // namespace oneping
