#include "app/mtr_flags.h"

#include <CLI/CLI.hpp>
#include <limits>

namespace oneping {

namespace {

constexpr std::uint64_t kMinPacket = 28;
constexpr std::uint64_t kMaxPacket = 4470;  // mtr's

Result<void> read_fields(const std::string& text, std::vector<probe::MtrField>& to) {
  auto fields = probe::parse_mtr_fields(text);
  if (!fields) return tl::make_unexpected(fields.error());
  to = std::move(*fields);
  return {};
}

}  // namespace

void add_mtr_flags(CLI::App& command, MtrFlags& flags) {
  add_tool_flags(command, flags.tool);
  probe::MtrOptions& mtr = flags.mtr;
  // Of several the last one here counts: -r says no more than that there is no screen.
  const auto show = [&](const char* names, probe::MtrOutput output, const char* help) {
    command.add_flag_callback(
        names, [&mtr, output] { mtr.output = output; }, help);
  };
  show("-r,--report", probe::MtrOutput::report, "no screen: a report once all rounds are over");
  show("-w,--report-wide", probe::MtrOutput::wide_report, "the same, with long names in full");
  show("-j,--json", probe::MtrOutput::json,
       "a report as JSON, with the role of each hop and the parts of the way");
  add_value(command, "-c,--report-cycles", "COUNT", "end after so many rounds (report: 10)",
            number_into(mtr.count, 1, std::numeric_limits<int>::max()));
  add_value(command, "-i,--interval", "SECONDS", "of a round, one probe to each hop (default 1)",
            seconds_into(mtr.interval));
  add_value(command, "-G,--gracetime", "SECONDS",
            "how long to wait for the answers to the last round (default 5)",
            seconds_into(mtr.grace));
  add_value(command, "-f,--first-ttl", "TTL", "begin at this hop (default 1)",
            number_into(mtr.first_ttl, 1, 255));
  add_value(command, "-m,--max-ttl", "TTL", "end at this hop (default 30)",
            number_into(mtr.max_ttl, 1, 255));
  add_value(command, "-U,--max-unknown", "COUNT",
            "end behind so many hops that do not answer (default 12)",
            number_into(mtr.max_unknown, 1, 255));
  add_value(command, "-s,--psize", "BYTES", "of a probe with its IP header (default 64)",
            number_into(mtr.packet_size, kMinPacket, kMaxPacket));
  add_value(command, "-B,--bitpattern", "BYTE", "what fills the probes, 0 to 255 (default 0)",
            number_into(mtr.bit_pattern, 0, 255));
  add_value(command, "-Q,--tos", "TOS", "traffic class of the probes, 0 to 255 or 0x00 to 0xff",
            number_into(mtr.traffic_class, 0, 255));
  command.add_flag("--legs", mtr.legs,
                   "below the hops the time from device to edge, from edge to connector, and from "
                   "connector to host");
  command.add_flag("-b,--show-ips", mtr.show_addresses, "addresses beside the names");
  add_value(command, "-o,--order", "FIELDS",
            "which columns: L loss, D dropped, R received, S sent, N newest, B best, A average, "
            "W worst, V deviation, G geometric mean, J jitter, M mean jitter, X worst jitter, "
            "I interarrival jitter, a space (default 'LS NABWV')",
            [&mtr](const std::string& text) { return read_fields(text, mtr.fields); });
}

Result<void> check(const MtrFlags& flags) {
  if (flags.mtr.first_ttl <= flags.mtr.max_ttl) return {};
  return fail("-f: the first hop lies behind the last one (-m)");
}

}  // namespace oneping
