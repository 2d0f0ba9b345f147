#include "edge/status.h"

namespace oneping::edge {

std::string_view to_string(TunnelHealth health) {
  switch (health) {
    case TunnelHealth::inactive: return "inactive";
    case TunnelHealth::down: return "down";
    case TunnelHealth::degraded: return "degraded";
    case TunnelHealth::healthy: return "healthy";
  }
  return "unknown";
}

std::string_view to_string(IcmpState state) {
  switch (state) {
    case IcmpState::unknown: return "unknown";
    case IcmpState::available: return "available";
    case IcmpState::unavailable: return "unavailable";
  }
  return "unknown";
}

}  // namespace oneping::edge
