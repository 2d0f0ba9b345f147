#include "probe/ping_text.h"

#include <chrono>
#include <cinttypes>

#include "probe/error_words.h"
#include "probe/format.h"
#include "probe/legs_text.h"

namespace oneping::probe {

namespace {

using Microseconds = PingStatistics::Microseconds;

Microseconds microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// "0.569": milliseconds.
std::string milliseconds(Microseconds time) {
  return format("%" PRId64 ".%03" PRId64, time / 1000, time % 1000);
}

bool prints_times(const PingOptions& options) { return options.size >= kPingTimeSize; }

// The first byte that came back changed, and a dump of all.
std::string changed_data(Bytes received, Bytes sent) {
  for (std::size_t i = kPingTimeSize; i < sent.size(); ++i) {
    if (received[i] == sent[i]) continue;
    std::string text =
        format("\nwrong data byte #%zu should be 0x%x but was 0x%x", i, sent[i], received[i]);
    for (std::size_t k = kPingTimeSize; k < sent.size(); ++k) {
      if (k % 32 == kPingTimeSize) text += format("\n#%zu\t", k);
      text += format("%x ", received[k]);
    }
    return text;
  }
  return {};
}

std::string round_trips(const PingStatistics& statistics) {
  return format(
      "rtt min/avg/max/mdev = %s/%s/%s/%s ms", milliseconds(statistics.shortest()).c_str(),
      milliseconds(statistics.average()).c_str(), milliseconds(statistics.longest()).c_str(),
      milliseconds(statistics.deviation()).c_str());
}

}  // namespace

SplitText ping_header(const PingOptions& options) {
  if (options.destination.is_v4()) {
    return {"PING " + options.host + " (",
            format(") %zu(%zu) bytes of data.\n", options.size,
                   options.size + kIcmpHeaderSize + kIpv4HeaderSize)};
  }
  return {"PING " + options.host + "(", format(") %zu data bytes\n", options.size)};
}

std::string ping_timestamp(const PingOptions& options, Time now) {
  if (!options.timestamps) return {};
  const Microseconds since_1970 = microseconds(now.time_since_epoch() + options.unix_time_offset);
  return format("[%" PRId64 ".%06" PRId64 "] ", since_1970 / 1'000'000, since_1970 % 1'000'000);
}

SplitText ping_reply(const PingOptions& options, const Answer& reply,
                     const ProbeTable::Match& match, Bytes sent) {
  SplitText line{format("%zu bytes from ", reply.payload.size() + kIcmpHeaderSize),
                 format(": icmp_seq=%u ttl=%u", reply.identity.sequence, reply.hop_limit)};
  if (reply.payload.size() < sent.size()) {
    line.after += " (truncated)\n";
    return line;
  }
  if (prints_times(options)) line.after += ping_time(match.round_trip);
  if (match.is_duplicate) line.after += " (DUP!)";
  if (!match.from_destination) line.after += " (DIFFERENT ADDRESS!)";
  line.after += changed_data(reply.payload, sent) + "\n";
  return line;
}

SplitText ping_error(const Answer& error) {
  return {"From ", format(" icmp_seq=%u ", error.identity.sequence) + ping_words(error) + "\n"};
}

std::string ping_time(Duration round_trip) {
  const Microseconds time = microseconds(round_trip);
  if (time >= 100'000 - 50) return format(" time=%" PRId64 " ms", (time + 500) / 1000);
  if (time >= 10'000 - 5) {
    return format(" time=%" PRId64 ".%01" PRId64 " ms", (time + 50) / 1000,
                  (time + 50) % 1000 / 100);
  }
  if (time >= 1000) {
    return format(" time=%" PRId64 ".%02" PRId64 " ms", (time + 5) / 1000, (time + 5) % 1000 / 10);
  }
  return " time=" + milliseconds(time) + " ms";
}

std::string ping_status(const PingOptions& options, const PingStatistics& statistics) {
  std::string line = format("\r%" PRIu64 "/%" PRIu64 " packets, %d%% loss", statistics.received(),
                            statistics.sent(), static_cast<int>(statistics.loss_percent()));
  if (statistics.received() > 0 && prints_times(options)) {
    line +=
        format(", min/avg/ewma/max = %s/%s/%s/%s ms", milliseconds(statistics.shortest()).c_str(),
               milliseconds(statistics.average()).c_str(),
               milliseconds(statistics.moving_average()).c_str(),
               milliseconds(statistics.longest()).c_str());
  }
  return line + "\n";
}

std::string ping_summary(const PingOptions& options, const PingStatistics& statistics,
                         const LegAverages& legs, Duration elapsed) {
  std::string text = "\n--- " + options.host + " ping statistics ---\n" +
                     format("%" PRIu64 " packets transmitted, %" PRIu64 " received",
                            statistics.sent(), statistics.received());
  if (statistics.duplicates() > 0)
    text += format(", +%" PRIu64 " duplicates", statistics.duplicates());
  if (statistics.errors() > 0) text += format(", +%" PRIu64 " errors", statistics.errors());
  if (statistics.sent() > 0) {
    text += format(", %g%% packet loss, time %" PRId64 "ms",
                   static_cast<double>(static_cast<float>(statistics.loss_percent())),
                   (microseconds(elapsed) + 500) / 1000);
  }
  text += "\n";
  const bool with_times = statistics.received() > 0 && prints_times(options);
  if (with_times) text += round_trips(statistics);
  if (statistics.most_in_flight() > 1) {
    text += format("%spipe %d", with_times ? ", " : "", statistics.most_in_flight());
  }
  text += "\n";
  if (const auto averages = legs.averages(); options.legs && averages) text += legs_text(*averages);
  return text;
}

}  // namespace oneping::probe
