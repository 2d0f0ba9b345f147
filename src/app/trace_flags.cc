#include "app/trace_flags.h"

#include <CLI/CLI.hpp>

namespace oneping {

namespace {

constexpr std::uint64_t kMaxPacket = 65000;

// traceroute's rule: up to ten are seconds, above that milliseconds.
constexpr double kMostSeconds = 10;

Result<void> read_send_wait(const std::string& text, Duration& to) {
  const auto value = read_factor(text);
  if (!value) return tl::make_unexpected(value.error());
  const auto seconds = read_seconds(*value > kMostSeconds ? std::to_string(*value / 1000) : text);
  if (!seconds) return tl::make_unexpected(seconds.error());
  to = *seconds;
  return {};
}

// MAX[,HERE,NEAR]; MAX alone switches the other two off.
Result<void> read_wait(const std::string& text, probe::TraceWait& to) {
  const auto first = text.find(',');
  const auto max = read_seconds(text.substr(0, first));
  if (!max) return tl::make_unexpected(max.error());
  probe::TraceWait wait{.max = *max, .here = 0, .near = 0};
  if (first != text.npos) {
    const auto second = text.find(',', first + 1);
    const auto here = read_factor(text.substr(first + 1, second - first - 1));
    if (!here) return tl::make_unexpected(here.error());
    wait.here = *here;
    if (second != text.npos) {
      const auto near = read_factor(text.substr(second + 1));
      if (!near) return tl::make_unexpected(near.error());
      wait.near = *near;
    }
  }
  to = wait;
  return {};
}

}  // namespace

void add_trace_flags(CLI::App& command, TraceFlags& flags) {
  add_tool_flags(command, flags.tool);
  probe::TraceOptions& trace = flags.trace;
  add_value(command, "SIZE", "BYTES",
            "of a packet with its IP header (default 60 for IPv4, 80 for IPv6)",
            number_into(trace.packet_size, 0, kMaxPacket));
  add_value(command, "-f,--first", "TTL", "begin at this hop (default 1)",
            number_into(trace.first_hop, 1, 255));
  add_value(command, "-m,--max-hops", "TTL", "end at this hop (default 30)",
            number_into(trace.max_hops, 1, 255));
  add_value(command, "-q,--queries", "COUNT", "probes for each hop (default 3)",
            number_into(trace.queries, 1, 10));
  add_value(command, "-N,--sim-queries", "COUNT", "probes on their way at once (default 16)",
            number_into(trace.sim_queries, 1, 1000));
  add_value(command, "-w,--wait", "MAX[,HERE,NEAR]",
            "wait for an answer at most MAX seconds, and no longer than HERE times what another "
            "took at that hop, NEAR times what one took at a later hop (default 5,3,10)",
            [&trace](const std::string& text) { return read_wait(text, trace.wait); });
  add_value(command, "-z,--sendwait", "TIME",
            "between two probes: seconds up to 10, above that milliseconds (default 0)",
            [&trace](const std::string& text) { return read_send_wait(text, trace.send_wait); });
  add_value(command, "-t,--tos", "TOS", "traffic class of the probes, 0 to 255 or 0x00 to 0xff",
            number_into(trace.traffic_class, 0, 255));
  command.add_flag("-F,--dont-fragment", trace.dont_fragment, "do not fragment the probes");
  command.add_flag_callback(
      "-I,--icmp", [] {}, "probe by ICMP echo requests, as is always done");
  command.add_flag("--legs", trace.legs,
                   "at the end the time from device to edge, from edge to connector, and from "
                   "connector to host");
  command.add_flag_callback(
      "--json", [&trace] { trace.output = probe::TraceOutput::json; },
      "one JSON document, with the role of each hop");
}

Result<void> check(const TraceFlags& flags) {
  if (flags.trace.first_hop <= flags.trace.max_hops) return {};
  return fail("-f: the first hop lies behind the last one (-m)");
}

}  // namespace oneping
