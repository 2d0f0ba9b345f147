#include "admin/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "io/system_error.h"

namespace oneping::admin {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr off_t kRoom = 4096;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What root makes belongs to the owner of the folder that it is made in, who has to read it; unless
// root may not give it away, as in a container.
bool give_to_owner(const Fd& folder, const Fd& file) {
  if (::geteuid() != 0) return true;
  struct stat owner {};
  if (::fstat(folder.get(), &owner) != 0) return false;
  return ::fchown(file.get(), owner.st_uid, owner.st_gid) == 0 || errno == EPERM || errno == EINVAL;
}

}  // namespace

Result<PrivateFile> PrivateFile::open(const std::string& path, Existing existing) {
  const bool beside = existing == Existing::replace;
  PrivateFile made;
  made.path_ = path;
  made.name_ = path.substr(path.rfind('/') + 1);
  made.folder_ = Fd(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!made.folder_) return system_failure("writing " + path);
  const std::string name = beside ? made.name_ + ".new-" + std::to_string(::getpid()) : made.name_;
  made.file_ = Fd(::openat(made.folder_.get(), name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
  if (!made.file_ && errno == EEXIST) {
    return fail(path + " is there already, and stays: remove it, or name another file");
  }
  if (!made.file_) return system_failure("writing " + path);
  made.made_ = name;
  const int no_room = ::posix_fallocate(made.file_.get(), 0, kRoom);
  if (no_room != 0 && no_room != EOPNOTSUPP) return system_failure("writing " + path, no_room);
  if (!give_to_owner(made.folder_, made.file_)) return system_failure("writing " + path);
  return made;
}

PrivateFile::~PrivateFile() {
  if (file_ && !made_.empty()) (void)::unlinkat(folder_.get(), made_.c_str(), 0);
}

Result<void> PrivateFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0) return system_failure("writing " + path_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    size_ += n;
  }
  return {};
}

Result<void> PrivateFile::keep() {
  // The mode at openat() was cut by the umask.
  bool done = ::ftruncate(file_.get(), size_) == 0 && ::fchmod(file_.get(), kOwnerOnly) == 0 &&
              ::fsync(file_.get()) == 0;
  if (done && made_ != name_) {
    done = ::renameat(folder_.get(), made_.c_str(), folder_.get(), name_.c_str()) == 0;
  }
  if (!done) return system_failure("writing " + path_);
  made_.clear();
  if (::fsync(folder_.get()) != 0) return system_failure("syncing the folder of " + path_);
  return {};
}

}  // namespace oneping::admin
