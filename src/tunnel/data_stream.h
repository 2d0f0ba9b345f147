// The first message each way on a data stream of the tunnel protocol, which asks the connector for
// a TCP connection or an HTTP request: signature, version, and one Cap'n Proto message. oneping
// carries neither, but asks, and tells, whether a TCP connection can be made. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/ip_address.h"

namespace oneping::tunnel {

struct ConnectRequest {
  // Where to; nothing for HTTP, and for TCP to what is no address.
  std::optional<SocketAddress> tcp;
  // Nothing will be sent: whether the connection is made is all that is asked. Only our own edge
  // says so; another one would go on with the connection's bytes.
  bool is_check = false;
};

struct ConnectResponse {
  std::string error;  // for a person; empty: the connection is made
};

[[nodiscard]] std::vector<std::uint8_t> write_connect_check(const SocketAddress& destination);
[[nodiscard]] std::vector<std::uint8_t> write_connect_response(std::string_view error);

// Gathers such a message, from behind the signature on or with it.
class DataMessage {
 public:
  static constexpr std::size_t kMaxSize = 8192;

  // Whether the message is complete now; later bytes are the connection's. Fails on another
  // signature or version, and on what is too large.
  [[nodiscard]] Result<bool> add(Bytes bytes);

  // Once it is complete. Fail on what is no such message.
  [[nodiscard]] Result<ConnectRequest> read_request() const;
  [[nodiscard]] Result<ConnectResponse> read_response() const;

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace oneping::tunnel
