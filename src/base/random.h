// Where random bytes come from: the TLS library's generator in the program, a seeded one in tests
// (which print the seed when they fail).
#pragma once

#include <cstdint>
#include <random>

#include "base/bytes.h"

namespace oneping {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableBytes bytes) = 0;

  [[nodiscard]] std::uint64_t next() {
    std::uint8_t bytes[8];
    fill(bytes);
    return load_be64(bytes);
  }
  // Uniform in [0, bound) but for a bias below bound/2^64. bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // Uniform in [0, 1).
  [[nodiscard]] double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

// Repeatable, and no secret: for tests and simulations.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(MutableBytes bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(engine_() >> 32);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace oneping
