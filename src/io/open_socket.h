// A socket that does not block, and that programs started by this one do not get.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include "io/fd.h"

namespace oneping {

// None, with errno, if the system refuses.
[[nodiscard]] inline Fd open_socket(int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
  return Fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
#else
  Fd fd(socket(family, type, protocol));
  if (fd &&
      (fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0)) {
    return {};
  }
  return fd;
#endif
}

}  // namespace oneping
