#include "app/socket_peer.h"

#include <pwd.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

#include "io/socket_address.h"

namespace oneping {

namespace {

std::string name_of(uid_t uid) {
  std::string text = "uid " + std::to_string(uid);
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> memory(16384);
  (void)::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? text + " (" + found->pw_name + ")" : text;
}

}  // namespace

SocketPeer peer_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family != AF_UNIX) {
    const auto peer = from_sockaddr(address);
    return {peer.address.to_string(), peer.port};
  }
  ucred credentials{};
  size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {name_of(credentials.uid), 0};
}

}  // namespace oneping
