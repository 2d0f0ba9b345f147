// The file of a Unix socket that we listen on: whether its place is free, and who may open it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace oneping {

// Makes the place free: removes a socket that nobody listens on any more, and makes the folder. An
// error if somebody listens, if something else is there, or if the path is too long for a socket.
[[nodiscard]] Result<void> clear_socket_file(const std::string& path);

// 0600; or 0660 and of this group, if `group` is not empty.
[[nodiscard]] Result<void> open_socket_file(const std::string& path, const std::string& group);

void remove_socket_file(const std::string& path);

// While it lives, files of this process are made for their owner only.
class PrivateUmask {
 public:
  PrivateUmask();
  ~PrivateUmask();
  PrivateUmask(const PrivateUmask&) = delete;
  PrivateUmask& operator=(const PrivateUmask&) = delete;

 private:
  mode_t before_;
};

}  // namespace oneping
