#include "app/socket_file.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "app/files.h"
#include "io/fd.h"
#include "io/system_error.h"

namespace oneping {

namespace {

std::optional<sockaddr_un> socket_name(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) return std::nullopt;
  std::memcpy(name.sun_path, path.data(), path.size());
  return name;
}

bool somebody_listens(const sockaddr_un& name) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int connected = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  return connected == 0 || errno == EAGAIN;  // EAGAIN: its backlog is full
}

Result<gid_t> find_group(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> memory(16384);
  const int error = ::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
  if (error != 0 || found == nullptr) return fail("there is no group '" + name + "'");
  return found->gr_gid;
}

}  // namespace

Result<void> clear_socket_file(const std::string& path) {
  const auto name = socket_name(path);
  if (!name) {
    return fail(path + " is too long for a Unix socket, which takes " +
                std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                " bytes: choose a shorter path");
  }
  const std::string folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) {
    if (auto made = make_folder(folder, 0755); !made) return made;
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return fail(path + " is there and is no socket: remove it");
  if (somebody_listens(*name)) {
    return fail("another process listens at " + path + ": stop it, or choose another socket");
  }
  if (::unlink(path.c_str()) != 0) return system_failure("removing the old socket " + path);
  return {};
}

Result<void> open_socket_file(const std::string& path, const std::string& group) {
  if (group.empty()) return {};
  const auto id = find_group(group);
  if (!id) return tl::make_unexpected(id.error());
  if (::chown(path.c_str(), static_cast<uid_t>(-1), *id) != 0) {
    return system_failure("giving " + path + " to group " + group);
  }
  if (::chmod(path.c_str(), 0660) != 0) return system_failure("opening " + path);
  return {};
}

void remove_socket_file(const std::string& path) { (void)::unlink(path.c_str()); }

PrivateUmask::PrivateUmask() : before_(::umask(0177)) {}
PrivateUmask::~PrivateUmask() { ::umask(before_); }

}  // namespace oneping
