#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

Result<void> write_all(const std::string& path, std::string_view contents, mode_t mode) {
  (void)::unlink(path.c_str());  // what a crash left
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return system_failure("writing " + path);
  while (!contents.empty()) {
    const ssize_t n = ::write(fd.get(), contents.data(), contents.size());
    if (n < 0) return system_failure("writing " + path);
    contents.remove_prefix(static_cast<std::size_t>(n));
  }
  // The mode at open() was cut by the umask.
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) {
    return system_failure("writing " + path);
  }
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return system_failure("syncing folder " + path);
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
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  auto done = write_all(temporary, contents, mode);
  if (done) {
    const int named = overwrite == Overwrite::yes
                          ? std::rename(temporary.c_str(), path.c_str())
                          : ::link(temporary.c_str(), path.c_str());  // fails if the name is taken
    if (named != 0) done = system_failure("writing " + path);
  }
  (void)::unlink(temporary.c_str());
  return done ? sync_folder(folder_of(path)) : done;
}

Result<void> make_folder(const std::string& path, mode_t mode) {
  if (path.empty() || file_exists(path)) return {};
  if (folder_of(path) != path) {
    if (auto parent = make_folder(folder_of(path), 0755); !parent) return parent;
  }
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return system_failure("making folder " + path);
  }
  return {};
}

bool file_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace oneping
