// What `oneping mtr` is asked to do; the defaults are those of mtr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "probe/hop_role.h"
#include "probe/mtr_fields.h"
#include "probe/names.h"

namespace oneping::probe {

enum class MtrOutput : std::uint8_t {
  screen,       // drawn by whoever asks for it; nothing is written
  report,       // -r
  wide_report,  // -w
  json,         // -j
};

struct MtrOptions {
  std::string host;        // what the user asked for
  std::string local_host;  // the name of this one
  IpAddress source;
  IpAddress destination;                        // of the same family
  std::optional<unsigned> count;                // -c; 10 unless the output is a screen
  Duration interval = std::chrono::seconds(1);  // -i, of one round; raised to at least 10 ms
  Duration grace = std::chrono::seconds(5);     // -G: for the answers to the last round
  unsigned first_ttl = 1;                       // -f, 1 .. max_ttl
  unsigned max_ttl = 30;                        // -m, at most 255
  unsigned max_unknown = 12;                    // -U: hops that do not answer
  std::size_t packet_size = 64;                 // -s, with the IP header
  std::uint8_t bit_pattern = 0;                 // -B
  std::uint8_t traffic_class = 0;               // -Q
  Naming naming = Naming::names;                // -n
  bool show_addresses = false;                  // -b: beside the names
  std::vector<MtrField> fields = default_mtr_fields();  // -o
  MtrOutput output = MtrOutput::screen;
  bool legs = false;       // --legs: a last line with the way in three parts
  std::string start_time;  // for the report's first line: 2026-01-31T12:00:00+0100
  HopRoles roles;
};

}  // namespace oneping::probe
