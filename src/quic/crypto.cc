#include "quic/crypto.h"

#include <gnutls/crypto.h>

#include <cstdlib>

namespace oneping::quic {

std::array<std::uint8_t, 32> sha256(Bytes bytes) {
  std::array<std::uint8_t, 32> digest;
  if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.data(), bytes.size(), digest.data()) != 0) {
    std::abort();  // the TLS library cannot hash
  }
  return digest;
}

void SecureRandom::fill(MutableBytes bytes) {
  if (gnutls_rnd(GNUTLS_RND_RANDOM, bytes.data(), bytes.size()) != 0) {
    std::abort();  // nothing that follows would be safe
  }
}

}  // namespace oneping::quic
