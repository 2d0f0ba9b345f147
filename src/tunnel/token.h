// The tunnel token: what a connector needs to serve a tunnel. Base64 of a JSON object as
// cloudflared has it, {"a": account, "t": tunnel id, "s": secret}, and our own "p": the pin of the
// edge's certificate authority, which cloudflared ignores.
//
// A token is a secret: it is in a file, never in an argument, and never printed or logged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "quic/peer_certificate.h"
#include "tunnel/registration.h"

namespace oneping::tunnel {

struct TunnelToken {
  std::string account;
  Uuid tunnel_id{};
  std::vector<std::uint8_t> secret;
  std::optional<quic::KeyPin> edge_pin;
};

[[nodiscard]] std::string make_token(const TunnelToken& token);

// White space around it is ignored. An error says what is wrong without quoting any of it.
[[nodiscard]] Result<TunnelToken> parse_token(std::string_view text);

}  // namespace oneping::tunnel
