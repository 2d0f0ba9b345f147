// The routes that a session's device is told of, ready to be sent. A value that is cheap to copy,
// for many sessions share one advertisement.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping::masque {

class AdvertisedRoutes {
 public:
  AdvertisedRoutes() : AdvertisedRoutes(std::span<const Prefix>()) {}
  AdvertisedRoutes(std::initializer_list<Prefix> prefixes)
      : AdvertisedRoutes(std::span(prefixes.begin(), prefixes.size())) {}
  // Of more than a capsule of `max_size` bytes holds, only the first are told.
  explicit AdvertisedRoutes(std::span<const Prefix> prefixes, std::size_t max_size = kMaxSize);

  // What a device of ours takes: 120 000 ranges of IPv6 and more.
  static constexpr std::size_t kMaxSize = 4 << 20;

  // ROUTE_ADVERTISEMENT (RFC 9484, 4.7.3).
  [[nodiscard]] Bytes capsule() const { return *capsule_; }

  // Ranges that are not told.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

  friend bool operator==(const AdvertisedRoutes& a, const AdvertisedRoutes& b) {
    return a.capsule_ == b.capsule_ || *a.capsule_ == *b.capsule_;
  }

 private:
  std::shared_ptr<const std::vector<std::uint8_t>> capsule_;
  std::size_t left_out_ = 0;
};

}  // namespace oneping::masque
