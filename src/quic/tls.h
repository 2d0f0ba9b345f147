// The TLS 1.3 side of QUIC: who we are and whom we trust. Immutable and shared by all connections
// of an endpoint. GnuTLS stays behind this header.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

}  // namespace oneping::quic
