// Where a connector never sends, whatever the edge's policy says: those that mean the
// connector's own host, its own link, or many hosts at once, and the metadata services of clouds.
// An operator can allow prefixes by name.
#pragma once

#include <vector>

#include "wire/ip_address.h"

namespace oneping {

class DestinationFilter {
 public:
  explicit DestinationFilter(std::vector<Prefix> allowed) : allowed_(std::move(allowed)) {}

  // By the address alone. The host's own addresses are known to the backend.
  [[nodiscard]] static bool is_special(const IpAddress& destination);

  // `is_own`: one of this host's own addresses, which the backend knows.
  [[nodiscard]] bool refuses(const IpAddress& destination, bool is_own) const {
    return (is_own || is_special(destination)) && !is_allowed_by_name(destination);
  }
  // The operator has named it: allowed even though special or the host's own.
  [[nodiscard]] bool is_allowed_by_name(const IpAddress& destination) const;

 private:
  std::vector<Prefix> allowed_;
};

}  // namespace oneping
