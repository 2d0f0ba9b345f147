// Which connection a packet is for: by destination connection id, or, for a stateless reset, by the
// token at its end (RFC 9000, 5.2 and 10.3). Keys are up to 20 bytes, partly chosen by peers, so
// the hash is seeded. Owns nothing; a connection takes its keys out before it dies.
#pragma once

#include <array>
#include <cstring>
#include <unordered_map>

#include "base/bytes.h"

namespace oneping::quic {

class QuicConnection;

inline constexpr std::size_t kCidSize = 8;          // ours; short headers do not tell the length
inline constexpr std::size_t kMaxCidSize = 20;      // RFC 9000, 17.2
inline constexpr std::size_t kResetTokenSize = 16;  // RFC 9000, 10.3

class RoutingKey {
 public:
  explicit RoutingKey(Bytes bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  }
  friend bool operator==(const RoutingKey&, const RoutingKey&) = default;

  [[nodiscard]] std::size_t hash(std::uint64_t seed) const {
    std::uint64_t sum = seed + size_;
    for (std::size_t at = 0; at < bytes_.size(); at += 8) sum = mix(sum ^ load_be64(&bytes_[at]));
    return sum;
  }

 private:
  static std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  std::array<std::uint8_t, 24> bytes_{};
  std::uint8_t size_;
};

class Router {
 public:
  explicit Router(std::uint64_t seed) : table_(64, Hash{seed}) {}

  [[nodiscard]] QuicConnection* find(Bytes key) const {
    if (key.size() > kMaxCidSize) return nullptr;
    const auto found = table_.find(RoutingKey(key));
    return found == table_.end() ? nullptr : found->second;
  }
  // False if the key is taken or too long.
  [[nodiscard]] bool add(Bytes key, QuicConnection& connection) {
    return key.size() <= kMaxCidSize && table_.emplace(RoutingKey(key), &connection).second;
  }
  // Only `connection` itself may take its keys out.
  void remove(const RoutingKey& key, const QuicConnection& connection) {
    const auto found = table_.find(key);
    if (found != table_.end() && found->second == &connection) table_.erase(found);
  }

 private:
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const RoutingKey& key) const { return key.hash(seed); }
  };
  std::unordered_map<RoutingKey, QuicConnection*, Hash> table_;
};

}  // namespace oneping::quic
