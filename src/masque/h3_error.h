// Why an HTTP/3 stream or connection is ended (RFC 9114, 8.1; RFC 9297, 5.2).
#pragma once

#include <cstdint>

namespace oneping::masque {

enum class H3Error : std::uint64_t {
  datagram_error = 0x33,
  no_error = 0x100,
  internal_error = 0x102,
  closed_critical_stream = 0x104,
  excessive_load = 0x107,
  settings_error = 0x109,
  request_rejected = 0x10b,
  request_cancelled = 0x10c,
  message_error = 0x10e,
};

[[nodiscard]] constexpr std::uint64_t code_of(H3Error error) {
  return static_cast<std::uint64_t>(error);
}

}  // namespace oneping::masque
