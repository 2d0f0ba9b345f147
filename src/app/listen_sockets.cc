#include "app/listen_sockets.h"

namespace oneping {

namespace {

bool serves(const SocketAddress& bound, const SocketAddress& local) {
  if (bound.port != local.port || bound.address.family() != local.address.family()) return false;
  return bound.address == local.address || bound.address.is_unspecified();
}

}  // namespace

Result<ListenSockets> ListenSockets::open(const std::vector<SocketAddress>& addresses) {
  ListenSockets listening;
  for (const SocketAddress& address : addresses) {
    auto socket = UdpSocket::open({.local = address});
    if (!socket) {
      return fail("listening on " + address.to_string() + ": " + socket.error().message +
                  "; change `listen`, or stop what uses that address");
    }
    listening.sockets_.push_back(std::move(*socket));
  }
  return listening;
}

void ListenSockets::send(const quic::Path& path, Bytes bytes, std::size_t segment_size) {
  for (const auto& socket : sockets_) {
    if (serves(socket->local(), path.local)) return socket->send(path, bytes, segment_size);
  }
}

void ListenSockets::flush() {
  for (const auto& socket : sockets_) socket->flush();
}

}  // namespace oneping
