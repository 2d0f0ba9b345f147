// What `oneping trace` is asked to do; the defaults are those of traceroute -I.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "probe/hop_role.h"
#include "probe/names.h"

namespace oneping::probe {

// -w MAX,HERE,NEAR. A probe is waited for no longer than `here` times what another one took to the
// same hop, or `near` times what one took to a later hop, and never longer than `max`. A factor of
// zero is not used; `-w MAX` alone sets both to zero.
struct TraceWait {
  Duration max = std::chrono::seconds(5);
  double here = 3;
  double near = 10;
};

enum class TraceOutput : std::uint8_t { text, json };

struct TraceOptions {
  std::string host;  // what the user asked for
  IpAddress source;
  IpAddress destination;                   // of the same family
  unsigned first_hop = 1;                  // -f, 1 .. max_hops
  unsigned max_hops = 30;                  // -m, at most 255
  unsigned queries = 3;                    // -q, 1 .. 10 probes for each hop
  unsigned sim_queries = 16;               // -N, at least 1: probes on their way at once
  TraceWait wait;                          // -w
  Duration send_wait{};                    // -z, at least that long between two probes
  std::uint8_t traffic_class = 0;          // -t
  bool dont_fragment = false;              // -F
  std::optional<std::size_t> packet_size;  // with the IP header; otherwise that and 40 bytes
  Naming naming = Naming::names;           // -n
  TraceOutput output = TraceOutput::text;  // --json
  bool legs = false;                       // --legs: a last line with the way in three parts
  HopRoles roles;
};

}  // namespace oneping::probe
