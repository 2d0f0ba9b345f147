// Whose a mapping of the UDP proxy is: a client's address and port, or a session of the tunnel
// protocol, which does not say whose it is.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/uuid.h"
#include "wire/ip_address.h"

namespace oneping {

class UdpOwner {
 public:
  UdpOwner() = default;
  [[nodiscard]] static UdpOwner client(const SocketAddress& address) {
    return {address.address.bytes(), address.port, false};
  }
  [[nodiscard]] static UdpOwner session(const Uuid& id) { return {id, 0, true}; }

  [[nodiscard]] bool is_session() const { return is_session_; }
  [[nodiscard]] const Uuid& session() const { return bytes_; }
  [[nodiscard]] SocketAddress client() const { return {IpAddress::from_v6(bytes_.data()), port_}; }

  friend bool operator==(const UdpOwner&, const UdpOwner&) = default;
  friend std::size_t hash_of(const UdpOwner& owner, std::uint64_t seed) {
    return hash_of(IpAddress::from_v6(owner.bytes_.data()),
                   seed ^ (std::uint64_t{owner.port_} << 1 | (owner.is_session_ ? 1 : 0)));
  }

 private:
  UdpOwner(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port, bool is_session)
      : bytes_(bytes), port_(port), is_session_(is_session) {}

  std::array<std::uint8_t, 16> bytes_{};
  std::uint16_t port_ = 0;
  bool is_session_ = false;
};

}  // namespace oneping
