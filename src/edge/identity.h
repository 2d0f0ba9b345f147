// Who sends by a link: what policies and the flow log know of him.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "forward/policy.h"

namespace oneping::edge {

using DeviceId = std::int64_t;

struct Identity {
  DeviceId id = 0;
  std::string device;  // its name
  std::string user;    // empty: nobody
  std::vector<std::string> groups;
  std::vector<std::string> tags;
  NetworkId network = 0;  // its packets are routed in this virtual network
  bool revoked = false;   // nothing of it is carried
};

// All of an identity's names, as policies ask for them.
[[nodiscard]] std::vector<Subject> subjects_of(const Identity& identity);

using Identities = std::unordered_map<DeviceId, std::shared_ptr<const Identity>>;

}  // namespace oneping::edge
