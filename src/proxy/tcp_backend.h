// How the connector finds out whether a TCP connection can be made: io/tcp_connector.h does it, the
// simulation pretends. Nothing is ever sent on such a connection.
#pragma once

#include <functional>
#include <string>

#include "wire/ip_address.h"

namespace oneping {

class TcpBackend {
 public:
  virtual ~TcpBackend() = default;

  // `error`: why the connection was not made, in the system's words; empty: it was, and is closed.
  using Done = std::function<void(const std::string& error)>;

  // Calls `done` later, once; never if the backend is destroyed before.
  virtual void connect(const SocketAddress& destination, Done done) = 0;
};

}  // namespace oneping
