#include "control/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace oneping::control {

namespace {

tl::unexpected<Error> failure(const std::string& path) {
  return fail("making " + path + ": " + std::error_code(errno, std::generic_category()).message());
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A root that may not, in a container, keeps what it made.
bool give_to_owner(const std::string& folder, int fd) {
  if (::geteuid() != 0) return true;
  struct stat owner;
  if (::stat(folder.c_str(), &owner) != 0) return false;
  return ::fchown(fd, owner.st_uid, owner.st_gid) == 0 || errno == EPERM || errno == EINVAL;
}

// So that the name is there after a crash of the machine.
bool sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return synced;
}

}  // namespace

Result<NewFile> NewFile::beside(const std::string& path) {
  std::string temporary = path + ".tmp-XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return failure(path);
  NewFile file(path, temporary, fd);
  if (::fchmod(fd, 0600) != 0 || !give_to_owner(folder_of(path), fd)) return failure(path);
  return file;
}

NewFile::NewFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

NewFile::~NewFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  if (fd_ >= 0) ::close(fd_);
}

Result<void> NewFile::publish() {
  if (::fsync(fd_) != 0) return failure(path_);
  // Unlike a rename, a link never takes the place of another file.
  if (::link(temporary_.c_str(), path_.c_str()) != 0) return failure(path_);
  if (::unlink(std::exchange(temporary_, {}).c_str()) != 0) return failure(path_);
  if (!sync_folder(folder_of(path_))) return failure(path_);
  return {};
}

}  // namespace oneping::control
