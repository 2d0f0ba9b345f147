#include "app/ping_flags.h"

#include <CLI/CLI.hpp>
#include <limits>

namespace oneping {

namespace {

constexpr std::size_t kMaxSize = 65507;  // the largest that an IPv4 packet holds

Result<void> read_path_mtu(const std::string& text, probe::PathMtu& to) {
  using enum probe::PathMtu;
  if (text == "do") {
    to = always;
  } else if (text == "want") {
    to = want;
  } else if (text == "dont") {
    to = dont_discover;
  } else {
    return fail("'" + text + "' is none of do, want, dont");
  }
  return {};
}

}  // namespace

void add_ping_flags(CLI::App& command, PingFlags& flags) {
  add_tool_flags(command, flags.tool);
  probe::PingOptions& ping = flags.ping;
  add_value(command, "-c,--count", "COUNT", "end after so many answers",
            number_into(ping.count, 1, std::numeric_limits<std::int64_t>::max()));
  add_value(command, "-i,--interval", "SECONDS", "between two requests (default 1)",
            seconds_into(ping.interval));
  add_value(command, "-s,--size", "BYTES", "of data in a request (default 56)",
            number_into(ping.size, 0, kMaxSize));
  add_value(command, "-t,--ttl", "TTL", "hop limit of the requests (default 64)",
            number_into(ping.hop_limit, 1, 255));
  add_value(command, "-W,--timeout", "SECONDS", "how long to wait for the last answer (default 10)",
            seconds_into(ping.linger));
  add_value(command, "-w,--deadline", "SECONDS", "end after that time, whatever has come back",
            seconds_into(ping.deadline));
  add_value(command, "-Q,--tos", "TOS", "traffic class of the requests, 0 to 255 or 0x00 to 0xff",
            number_into(ping.traffic_class, 0, 255));
  add_value(command, "-M,--pmtudisc", "do|want|dont",
            "never fragment; fragment where a router says so (default); may be fragmented",
            [&ping](const std::string& text) { return read_path_mtu(text, ping.path_mtu); });
  command.add_flag("-q,--quiet", ping.quiet, "only the beginning and the summary");
  command.add_flag("-D,--timestamp", ping.timestamps, "the time of day before each line");
  command.add_flag("--legs", ping.legs,
                   "in the summary also the time from device to edge, from edge to connector, and "
                   "from connector to host");
  command.add_flag_callback(
      "--json", [&ping] { ping.output = probe::PingOutput::json; },
      "a line of JSON for each event");
}

}  // namespace oneping
