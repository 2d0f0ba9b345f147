// What a TlsContext holds, for the files of this folder that speak GnuTLS.
#pragma once

#include <gnutls/gnutls.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "quic/peer_certificate.h"
#include "quic/tls.h"

namespace oneping::quic {

template <auto kRelease>
struct Release {
  template <typename T>
  void operator()(T* handle) const {
    kRelease(handle);
  }
};
template <typename Handle, auto kRelease>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Release<kRelease>>;

using Credentials = Owned<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using Priority = Owned<gnutls_priority_t, gnutls_priority_deinit>;

// TLS 1.3 only. secp256r1 comes first: it is the one group that every version of cloudflared
// offers a key share for, so no handshake needs a second round trip.
inline constexpr char kGroups[] =
    "+GROUP-SECP256R1:+GROUP-X25519:+GROUP-SECP384R1:+GROUP-SECP521R1";

struct TlsContext::Impl {
  bool is_server = false;
  Credentials credentials;
  Priority priority;
  std::vector<std::string> alpn;
  bool has_authorities = false;  // credentials hold CAs to verify against
  // A client's only.
  std::string server_name;
  std::vector<KeyPin> pins;

  // `groups` is the part of a GnuTLS priority string that names the key exchange groups.
  [[nodiscard]] static Result<std::unique_ptr<Impl>> server(const ServerTlsOptions& options,
                                                            const std::string& groups = kGroups);
  [[nodiscard]] static Result<std::unique_ptr<Impl>> client(const ClientTlsOptions& options,
                                                            const std::string& groups = kGroups);

 private:
  // Puts them into the credentials.
  [[nodiscard]] Result<void> show(const std::string& certificate_pem, const std::string& key_pem);
  [[nodiscard]] Result<void> trust(const std::string& authorities_pem);
};

[[nodiscard]] inline gnutls_datum_t datum_of(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

}  // namespace oneping::quic
