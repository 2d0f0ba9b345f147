// Secrets as text that people copy: 32 random bytes behind a prefix that says what they open. Only
// their SHA-256 is kept. Enrolment keys are in masque/enrolment_key.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "control/model.h"

namespace oneping::control {

using Secret = std::array<std::uint8_t, 32>;

[[nodiscard]] Secret random_secret(Random& random);

// An API token: "opa_" and the secret, base64url.
[[nodiscard]] std::string api_token_text(const Secret& secret);
// Nothing if it is none.
[[nodiscard]] std::optional<Secret> parse_api_token(std::string_view text);

// A session of the dashboard, for its cookie: "ops_" and the secret.
[[nodiscard]] std::string session_text(const Secret& secret);
[[nodiscard]] std::optional<Secret> parse_session(std::string_view text);

// A link that begins one, once: "opl_" and the secret.
[[nodiscard]] std::string link_text(const Secret& secret);
[[nodiscard]] std::optional<Secret> parse_link(std::string_view text);

// In a time that does not tell where they differ.
[[nodiscard]] bool are_equal(const SecretHash& a, const SecretHash& b);

}  // namespace oneping::control
