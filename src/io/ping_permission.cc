#include "io/ping_permission.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "io/system_error.h"

namespace oneping {

namespace {

constexpr const char* kRangeFile = "/proc/sys/net/ipv4/ping_group_range";
// In a container every process may ping: the range counts in its own network namespace only.
constexpr const char* kEverybody = "0 2147483647";

std::string file_text(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool exists(const char* path) { return access(path, F_OK) == 0; }

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

std::vector<std::uint32_t> groups_of_process() {
  const int count = getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  const int got = getgroups(count, groups.data());
  groups.resize(static_cast<std::size_t>(std::max(got, 0)));
  return {groups.begin(), groups.end()};
}

bool mentions(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

std::optional<std::uint32_t> allowed_group(const PingFacts& facts) {
  if (facts.range->contains(facts.group)) return facts.group;
  for (const std::uint32_t group : facts.supplementary_groups) {
    if (facts.range->contains(group)) return group;
  }
  return std::nullopt;
}

std::string groups_text(const PingFacts& facts) {
  std::string text = "effective group " + std::to_string(facts.group);
  if (facts.supplementary_groups.empty()) return text;
  text += ", supplementary groups";
  for (const std::uint32_t group : facts.supplementary_groups) text += " " + std::to_string(group);
  return text;
}

// The range with this process's group in it too. Whoever may ping now still may.
PingGroupRange widened(const PingFacts& facts) {
  if (!facts.range || facts.range->is_empty()) return {facts.group, facts.group};
  return {std::min(facts.range->first, facts.group), std::max(facts.range->last, facts.group)};
}

std::string set_on_host(const PingFacts& facts) {
  const std::string range = widened(facts).to_string();
  return "as root: sysctl -w net.ipv4.ping_group_range=\"" + range +
         "\" && echo 'net.ipv4.ping_group_range = " + range +
         "' > /etc/sysctl.d/60-oneping.conf (the file keeps it across reboots)";
}

std::string widen_fix(const PingFacts& facts) {
  switch (environment_of(facts)) {
    case PingEnvironment::host: return set_on_host(facts);
    case PingEnvironment::systemd_unit: {
      std::string fix = set_on_host(facts) + ", then restart the unit";
      if (facts.range && !facts.range->is_empty()) {
        fix += "; or give the unit a group that may ping already: SupplementaryGroups=" +
               std::to_string(facts.range->first);
      }
      return fix;
    }
    case PingEnvironment::container:
      return std::string("start the container with: --sysctl net.ipv4.ping_group_range=\"") +
             kEverybody +
             "\" (docker run, podman run; \"0 65535\" if rootless); with --network host "
             "set it on the host";
    case PingEnvironment::kubernetes:
      return std::string(
                 "in the pod's spec: securityContext: {sysctls: [{name: "
                 "net.ipv4.ping_group_range, value: \"") +
             kEverybody + "\"}]} (a safe sysctl; not with hostNetwork)";
  }
  return {};
}

PingDiagnosis diagnose_permission(const PingFacts& facts) {
  if (facts.range && allowed_group(facts)) {
    return {"net.ipv4.ping_group_range \"" + facts.range->to_string() + "\" includes group " +
                std::to_string(*allowed_group(facts)) + ", yet the kernel refuses a ping socket",
            "look for a security module (SELinux, AppArmor) in the kernel's log"};
  }
  const std::string range = !facts.range ? " cannot be read and seems to leave out"
                                         : " is \"" + facts.range->to_string() + "\"" +
                                               (facts.range->is_empty() ? " (nobody)" : "") +
                                               ", which leaves out";
  return {"net.ipv4.ping_group_range" + range + " this process: user " +
              std::to_string(facts.user) + ", " + groups_text(facts),
          widen_fix(facts)};
}

}  // namespace

std::optional<PingGroupRange> PingGroupRange::parse(const std::string& text) {
  std::istringstream in(text);
  PingGroupRange range;
  if (in >> range.first >> range.last) return range;
  return std::nullopt;
}

std::string PingGroupRange::to_string() const {
  return std::to_string(first) + " " + std::to_string(last);
}

PingFacts gather_ping_facts() {
  return {.has_dockerenv = exists("/.dockerenv"),
          .has_containerenv = exists("/run/.containerenv"),
          .has_kubernetes_host = is_set("KUBERNETES_SERVICE_HOST"),
          .has_systemd_unit = is_set("INVOCATION_ID") || is_set("NOTIFY_SOCKET"),
          .init_cgroup = file_text("/proc/1/cgroup"),
          .range = PingGroupRange::parse(file_text(kRangeFile)),
          .user = geteuid(),
          .group = getegid(),
          .supplementary_groups = groups_of_process()};
}

PingEnvironment environment_of(const PingFacts& facts) {
  if (facts.has_kubernetes_host || mentions(facts.init_cgroup, {"kubepods"})) {
    return PingEnvironment::kubernetes;
  }
  if (facts.has_dockerenv || facts.has_containerenv ||
      mentions(facts.init_cgroup, {"docker", "containerd", "libpod", "lxc"})) {
    return PingEnvironment::container;
  }
  return facts.has_systemd_unit ? PingEnvironment::systemd_unit : PingEnvironment::host;
}

PingDiagnosis diagnose_ping(IpFamily family, int error, const PingFacts& facts) {
  const std::string name = family == IpFamily::v4 ? "IPv4" : "IPv6";
  switch (error) {
    case EACCES: return diagnose_permission(facts);
    case EPERM:
      return {"a sandbox forbids " + name + " ping sockets",
              "allow socket(2) with SOCK_DGRAM and ICMP in the seccomp profile (systemd: "
              "SystemCallFilter=, RestrictAddressFamilies=)"};
    case EAFNOSUPPORT:
      return {"this host has no " + name,
              "enable it in the kernel (" + name +
                  " may be off at boot, or in systemd's "
                  "RestrictAddressFamilies=), or do without: the other family is not affected"};
    case EPROTONOSUPPORT:
      return {"this kernel has no " + name + " ping sockets",
              "run on a Linux kernel of 3.11 or later, outside of emulated kernels"};
    case EMFILE:
      return {"this process may open no more files",
              "raise its limit (ulimit -n; systemd: LimitNOFILE=) or lower the number of channels"};
    case ENFILE: return {"the system may open no more files", "raise the sysctl fs.file-max"};
  }
  return {"opening an " + name + " ping socket failed: " + errno_text(error),
          "see the kernel's log"};
}

}  // namespace oneping
