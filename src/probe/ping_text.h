// The lines of ping, as iputils prints them. Where an address stands, the text is in two halves, so
// that the name can come between.
#pragma once

#include <string>

#include "probe/legs.h"
#include "probe/named_text.h"
#include "probe/ping_options.h"
#include "probe/ping_statistics.h"
#include "probe/probe_table.h"

namespace oneping::probe {

// ICMP data that carries the time of sending in iputils; with less it prints no times.
inline constexpr std::size_t kPingTimeSize = 16;

// "PING host (" … ") 56(84) bytes of data."
[[nodiscard]] SplitText ping_header(const PingOptions& options);

// "[1700000000.123456] " if asked for.
[[nodiscard]] std::string ping_timestamp(const PingOptions& options, Time now);

// "64 bytes from " … ": icmp_seq=1 ttl=62 time=0.569 ms". `sent` is the data that was sent.
[[nodiscard]] SplitText ping_reply(const PingOptions& options, const Answer& reply,
                                   const ProbeTable::Match& match, Bytes sent);

// "From " … " icmp_seq=1 Time to live exceeded".
[[nodiscard]] SplitText ping_error(const Answer& error);

// " time=0.569 ms": four digits, but never more than microseconds.
[[nodiscard]] std::string ping_time(Duration round_trip);

// What SIGQUIT shows.
[[nodiscard]] std::string ping_status(const PingOptions& options, const PingStatistics& statistics);

// `elapsed`: from the first probe to the last.
[[nodiscard]] std::string ping_summary(const PingOptions& options, const PingStatistics& statistics,
                                       const LegAverages& legs, Duration elapsed);

}  // namespace oneping::probe
