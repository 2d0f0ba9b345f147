// The UDP sockets that the edge listens on, as one sender: a packet leaves on the socket that its
// path's local address belongs to.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "io/udp_socket.h"

namespace oneping {

class ListenSockets final : public quic::UdpSender {
 public:
  [[nodiscard]] static Result<ListenSockets> open(const std::vector<SocketAddress>& addresses);

  [[nodiscard]] const std::vector<std::unique_ptr<UdpSocket>>& sockets() const { return sockets_; }

  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size) override;
  void flush();

 private:
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
};

}  // namespace oneping
