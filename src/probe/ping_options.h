// What `oneping ping` is asked to do; the defaults are those of iputils.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "probe/names.h"

namespace oneping::probe {

// -M. IPv6 never fragments on the way, so it makes no difference there.
enum class PathMtu : std::uint8_t {
  want,           // don't fragment, until a router says that it must
  always,         // "do": never fragment
  dont_discover,  // "dont": may be fragmented
};

enum class PingOutput : std::uint8_t { text, json };

struct PingOptions {
  std::string host;  // what the user asked for, or its canonical name
  IpAddress source;
  IpAddress destination;                        // of the same family
  std::optional<std::uint64_t> count;           // -c, at least 1
  Duration interval = std::chrono::seconds(1);  // -i, raised to at least 1 ms
  std::size_t size = 56;                        // -s, bytes behind the ICMP header
  std::uint8_t hop_limit = 64;                  // -t
  std::uint8_t traffic_class = 0;               // -Q
  PathMtu path_mtu = PathMtu::want;             // -M
  std::optional<Duration> deadline;             // -w
  Duration linger = std::chrono::seconds(10);   // -W: for the last reply, if none came before
  bool quiet = false;                           // -q
  Naming naming = Naming::names;                // -n; iputils: also if host is an address
  bool timestamps = false;                      // -D
  bool legs = false;                            // --legs: the way in three parts
  PingOutput output = PingOutput::text;         // --json
  // What to add to a Time to get the time since 1970, for -D.
  Duration unix_time_offset{};
};

}  // namespace oneping::probe
