#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "io/fd.h"
#include "io/system_error.h"

namespace oneping {

namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Of a path whose last part is a name, not "..".
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Fd open_folder(const std::string& path) {
  return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// What root makes belongs to the owner of the folder that it is in, who has to read it: the edge's
// state is its service's user's. By descriptor, so that the owner cannot put something else in the
// way. A root that may not, in a container or a user namespace, keeps what it made.
bool give_to_owner(const Fd& folder, const Fd& made) {
  if (::geteuid() != 0) return true;
  struct stat owner;
  if (::fstat(folder.get(), &owner) != 0) return false;
  return ::fchown(made.get(), owner.st_uid, owner.st_gid) == 0 || errno == EPERM || errno == EINVAL;
}

Result<void> write_all(const Fd& folder, const std::string& name, std::string_view contents,
                       mode_t mode, const std::string& path) {
  (void)::unlinkat(folder.get(), name.c_str(), 0);  // what a crash left
  const Fd fd(::openat(folder.get(), name.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd || !give_to_owner(folder, fd)) return system_failure("writing " + path);
  while (!contents.empty()) {
    const ssize_t n = ::write(fd.get(), contents.data(), contents.size());
    if (n < 0) return system_failure("writing " + path);
    contents.remove_prefix(static_cast<std::size_t>(n));
  }
  // The mode at openat() was cut by the umask.
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) {
    return system_failure("writing " + path);
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_size) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_failure("reading " + path);
  std::string contents;
  char block[16384];
  while (true) {
    const ssize_t n = ::read(fd.get(), block, sizeof block);
    if (n < 0) return system_failure("reading " + path);
    if (n == 0) return contents;
    contents.append(block, static_cast<std::size_t>(n));
    if (contents.size() > max_size) {
      return fail("reading " + path + ": it is longer than " + std::to_string(max_size) + " bytes");
    }
  }
}

Result<void> write_file(const std::string& path, std::string_view contents, mode_t mode,
                        Overwrite overwrite) {
  const std::string name = name_of(path);
  const std::string temporary = name + ".tmp-" + std::to_string(::getpid());
  const Fd folder = open_folder(folder_of(path));
  if (!folder) return system_failure("writing " + path);
  auto done = write_all(folder, temporary, contents, mode, path);
  if (done) {
    const int at = folder.get();
    const int named =
        overwrite == Overwrite::yes
            ? ::renameat(at, temporary.c_str(), at, name.c_str())
            : ::linkat(at, temporary.c_str(), at, name.c_str(), 0);  // fails if the name is taken
    if (named != 0) done = system_failure("writing " + path);
  }
  (void)::unlinkat(folder.get(), temporary.c_str(), 0);
  if (done && ::fsync(folder.get()) != 0) return system_failure("syncing folder of " + path);
  return done;
}

Result<void> make_folder(const std::string& path, mode_t mode) {
  if (path.empty() || file_exists(path)) return {};
  if (path.back() == '/') return make_folder(path.substr(0, path.size() - 1), mode);
  if (auto parent = make_folder(folder_of(path), 0755); !parent) return parent;
  const std::string name = name_of(path);
  const Fd parent = open_folder(folder_of(path));
  if (!parent || ::mkdirat(parent.get(), name.c_str(), mode) != 0) {
    if (parent && errno == EEXIST) return {};
    return system_failure("making folder " + path);
  }
  const Fd made(
      ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!made || !give_to_owner(parent, made)) return system_failure("making folder " + path);
  return {};
}

bool file_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace oneping
