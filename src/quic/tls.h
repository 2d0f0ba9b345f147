// The TLS 1.3 side of QUIC: who we are and whom we trust. Immutable and shared by all connections
// of an endpoint. GnuTLS stays behind this header.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "quic/peer_certificate.h"

namespace oneping::quic {

struct ServerTlsOptions {
  std::string certificate_pem;  // the leaf first, then its chain
  std::string key_pem;
  std::vector<std::string>
      alpn;  // the first that the client offers is taken; none in common: refused
  // The PEM of the authorities that sign clients' certificates. With any, a client is asked for
  // one: it may show none, but one that does not verify is refused.
  std::string client_ca_pem;
};

struct ClientTlsOptions {
  std::string server_name;  // SNI, and the name that the certificate must be valid for
  std::vector<std::string> alpn;
  // Trust: the PEM of one or more CAs, and/or pins. The chain must verify against `ca_pem`; or,
  // with a pin, some certificate of the presented chain must have that key and sign the leaf's
  // chain. With neither, the system's roots.
  std::string ca_pem;
  std::vector<KeyPin> pins;
  // What we show a server that asks, its chain behind the leaf; empty: nothing.
  std::string certificate_pem;
  std::string key_pem;
};

class TlsContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> server(
      const ServerTlsOptions& options);
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> client(
      const ClientTlsOptions& options);
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  ~TlsContext();
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A new certificate authority and a server certificate that it signed (ECDSA P-256; secp256r1 is
// what old cloudflared can check). Names go into subjectAltName.
struct CertificateBundle {
  std::string ca_pem;
  std::string ca_key_pem;
  std::string certificate_pem;  // leaf, then CA
  std::string key_pem;
};
[[nodiscard]] Result<CertificateBundle> make_server_certificate(
    const std::vector<std::string>& names);

// The pin of the first certificate in `pem`.
[[nodiscard]] Result<KeyPin> key_pin(const std::string& pem);

// SHA-256.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(Bytes bytes);

// The process's cryptographic generator.
class SecureRandom final : public Random {
 public:
  void fill(MutableBytes bytes) override;
};

}  // namespace oneping::quic
