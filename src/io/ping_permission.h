// Why this process may not open ping sockets, and what to type so that it may.
// Gathering facts asks the system; what follows from them is pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/ip_address.h"

namespace oneping {

// Where the process runs: it decides how a sysctl is set.
enum class PingEnvironment : std::uint8_t { host, systemd_unit, container, kubernetes };

// net.ipv4.ping_group_range: the groups whose processes may open ping sockets, of both families.
// first > last means nobody: the kernel's default, "1 0".
struct PingGroupRange {
  std::uint32_t first = 1;
  std::uint32_t last = 0;
  [[nodiscard]] bool is_empty() const { return first > last; }
  [[nodiscard]] bool contains(std::uint32_t group) const { return first <= group && group <= last; }
  // As the sysctl's file has it.
  [[nodiscard]] static std::optional<PingGroupRange> parse(const std::string& text);
  [[nodiscard]] std::string to_string() const;  // "1 0"
};

struct PingFacts {
  bool has_dockerenv = false;                // /.dockerenv exists
  bool has_containerenv = false;             // /run/.containerenv exists: podman
  bool has_kubernetes_host = false;          // KUBERNETES_SERVICE_HOST is set
  bool has_systemd_unit = false;             // INVOCATION_ID or NOTIFY_SOCKET is set
  std::string init_cgroup = {};              // /proc/1/cgroup
  std::optional<PingGroupRange> range = {};  // nothing if it cannot be read
  std::uint32_t user = 0;                    // effective
  std::uint32_t group = 0;                   // effective
  std::vector<std::uint32_t> supplementary_groups = {};
};

[[nodiscard]] PingFacts gather_ping_facts();

[[nodiscard]] PingEnvironment environment_of(const PingFacts& facts);

struct PingDiagnosis {
  std::string cause;  // one line: what is wrong
  std::string fix;    // one line: what to do about it
};

// `error` is the errno of the ping socket of this family that could not be opened.
[[nodiscard]] PingDiagnosis diagnose_ping(IpFamily family, int error, const PingFacts& facts);

}  // namespace oneping
