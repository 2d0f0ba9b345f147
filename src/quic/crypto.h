// The cryptographic primitives that others need as well: a hash and chance. GnuTLS stays behind it.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"

namespace oneping::quic {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(Bytes bytes);

// The process's cryptographic generator.
class SecureRandom final : public Random {
 public:
  void fill(MutableBytes bytes) override;
};

}  // namespace oneping::quic
