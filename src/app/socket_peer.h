// Who is at the other end of a connected socket.
#pragma once

#include <string>

namespace oneping {

struct SocketPeer {
  // For a Unix socket the user that connected, as the kernel saw it: "uid 1000 (alice)". For TCP
  // the address.
  std::string who;
  int port = 0;  // TCP
};

[[nodiscard]] SocketPeer peer_of(int fd);

}  // namespace oneping
