// What somebody writes for a destination: an address or a name, and perhaps a port of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edge/path_report.h"

namespace oneping::control {

struct Destination {
  std::string host;
  std::optional<edge::PortQuestion> port;
};

// "443", "443/tcp", "53/udp".
[[nodiscard]] std::optional<edge::PortQuestion> parse_port(std::string_view text);

// "10.1.2.3", "db.office:5432", "[fd00::3]", "[fd00::3]:53/udp". Nothing if what stands behind the
// host is no port.
[[nodiscard]] std::optional<Destination> parse_destination(std::string_view text);

}  // namespace oneping::control
