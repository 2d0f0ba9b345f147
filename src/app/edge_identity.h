// Who the edge is, in its state folder: a certificate authority that tokens pin, the certificate
// that it signed, and the secret that makes stateless resets recognisable after a restart.
//
// Made at first start. All files or none appear: they are written under temporary names first, and
// a start after a crash between the renames finishes them. A damaged file is an error and is left
// alone, for a new authority would lock out every connector that pins the old one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "quic/peer_certificate.h"

namespace oneping {

struct EdgeIdentity {
  std::string ca_pem;
  std::string ca_key_pem;       // signs the certificates of devices; never logged
  std::string certificate_pem;  // leaf, then CA
  std::string key_pem;
  quic::KeyPin ca_pin{};
  std::array<std::uint8_t, 32> static_secret{};
};

// `server_names` count when it is made.
[[nodiscard]] Result<EdgeIdentity> load_or_make_identity(
    const std::string& state_folder, const std::vector<std::string>& server_names, Random& random);

}  // namespace oneping
