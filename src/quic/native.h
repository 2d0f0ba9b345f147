// Our paths, times and connection ids as ngtcp2 wants them.
#pragma once

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/result.h"
#include "base/time.h"
#include "quic/ngtcp2_compat.h"
#include "quic/path.h"

namespace oneping::quic {

// ngtcp2's clock must be above zero and never reach UINT64_MAX; ours may start at zero.
inline constexpr ngtcp2_tstamp kClockOffset = NGTCP2_SECONDS;

[[nodiscard]] inline ngtcp2_tstamp to_native(Time time) {
  const auto since = std::max<Duration::rep>(time.time_since_epoch().count(), 0);
  return static_cast<ngtcp2_tstamp>(since) + kClockOffset;
}

[[nodiscard]] inline Time from_native(ngtcp2_tstamp stamp) {
  constexpr auto kMax = static_cast<ngtcp2_tstamp>(std::numeric_limits<Duration::rep>::max());
  if (stamp >= kMax) return kNever;
  return Time(Duration(static_cast<Duration::rep>(stamp - std::min(stamp, kClockOffset))));
}

// A path in ngtcp2's form with its storage. IPv4 stands in its mapped form, as in IpAddress, so
// that one family serves all.
class NativePath {
 public:
  NativePath() { attach(); }
  explicit NativePath(const Path& path)
      : local_(to_sockaddr(path.local)), remote_(to_sockaddr(path.remote)) {
    attach();
  }
  NativePath(const NativePath&) = delete;
  NativePath& operator=(const NativePath&) = delete;

  [[nodiscard]] ngtcp2_path* get() { return &path_; }
  [[nodiscard]] Path to_path() const { return from(path_); }

  [[nodiscard]] static Path from(const ngtcp2_path& path) {
    return {from_sockaddr(path.local.addr), from_sockaddr(path.remote.addr)};
  }

 private:
  void attach() {
    path_.local = {reinterpret_cast<ngtcp2_sockaddr*>(&local_), sizeof local_};
    path_.remote = {reinterpret_cast<ngtcp2_sockaddr*>(&remote_), sizeof remote_};
  }
  [[nodiscard]] static sockaddr_in6 to_sockaddr(const SocketAddress& address) {
    sockaddr_in6 native{};
    native.sin6_family = AF_INET6;
    store_be16(reinterpret_cast<std::uint8_t*>(&native.sin6_port), address.port);
    std::memcpy(&native.sin6_addr, address.address.bytes().data(), 16);
    return native;
  }
  [[nodiscard]] static SocketAddress from_sockaddr(const ngtcp2_sockaddr* any) {
    sockaddr_in6 native;
    std::memcpy(&native, any, sizeof native);
    std::uint8_t address[16];
    std::memcpy(address, &native.sin6_addr, 16);
    return {IpAddress::from_v6(address),
            load_be16(reinterpret_cast<const std::uint8_t*>(&native.sin6_port))};
  }

  sockaddr_in6 local_{};
  sockaddr_in6 remote_{};
  ngtcp2_path path_{};
};

[[nodiscard]] inline tl::unexpected<Error> quic_failure(std::string_view tried, int error) {
  return fail(tried, Error{ngtcp2_strerror(error)});
}

[[nodiscard]] inline Bytes bytes_of(const ngtcp2_cid& cid) { return {cid.data, cid.datalen}; }

}  // namespace oneping::quic
