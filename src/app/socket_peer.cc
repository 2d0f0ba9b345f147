#include "app/socket_peer.h"

#include <pwd.h>
#include <sys/stat.h>

#include <vector>

namespace oneping {

std::string owner_of_process(int pid) {
  const std::string process = std::to_string(pid);
  struct stat status {};
  if (::stat(("/proc/" + process).c_str(), &status) != 0) return "pid " + process;
  std::string text = "uid " + std::to_string(status.st_uid);
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> memory(16384);
  (void)::getpwuid_r(status.st_uid, &entry, memory.data(), memory.size(), &found);
  return found != nullptr ? text + " (" + found->pw_name + ")" : text;
}

}  // namespace oneping
