// Where a connector never sends, whatever the edge's policy says: what means its own host or its
// own link wherever it is said, or many hosts at once, and the metadata services of clouds. The
// host's own addresses in its networks are as good as their neighbours'. An operator can allow
// prefixes by name.
#pragma once

#include <vector>

#include "wire/ip_address.h"

namespace oneping {

class DestinationFilter {
 public:
  explicit DestinationFilter(std::vector<Prefix> allowed) : allowed_(std::move(allowed)) {}

  // By the address alone. The broadcast addresses of the host's networks are known to the backend.
  [[nodiscard]] static bool is_special(const IpAddress& destination);

  // `is_broadcast`: of one of this host's networks, as the backend knows.
  [[nodiscard]] bool refuses(const IpAddress& destination, bool is_broadcast) const {
    return (is_broadcast || is_special(destination)) && !is_allowed_by_name(destination);
  }
  // The operator has named it: allowed although special.
  [[nodiscard]] bool is_allowed_by_name(const IpAddress& destination) const;

 private:
  std::vector<Prefix> allowed_;
};

}  // namespace oneping
