// What the load generators have in common at their edges: the clock, the CPU time of this process,
// and the report as one JSON object a line on standard output, which bench/run reads.
#pragma once

#include <sys/resource.h>

#include <cstdio>
#include <ctime>

#include "base/time.h"
#include "load_meter.h"

namespace oneping::bench {

inline Time clock_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Time(std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec));
}

// User and system time so far.
inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline void print(const LoadReport& report, double cpu) {
  const double echoes = report.received > 0 ? static_cast<double>(report.received) : 1;
  std::printf(
      "{\"seconds\": %.6f, \"sent\": %llu, \"received\": %llu, \"lost\": %llu, "
      "\"answered\": %llu, "
      "\"echo_per_s\": %.1f, \"rtt_us_p50\": %.2f, \"rtt_us_p99\": %.2f, \"rtt_us_p999\": %.2f, "
      "\"cpu_us_per_echo\": %.4f}\n",
      report.seconds, static_cast<unsigned long long>(report.sent),
      static_cast<unsigned long long>(report.received),
      static_cast<unsigned long long>(report.lost),
      static_cast<unsigned long long>(report.answered), report.echo_per_s, report.rtt_us_p50,
      report.rtt_us_p99, report.rtt_us_p999, cpu * 1e6 / echoes);
  std::fflush(stdout);
}

}  // namespace oneping::bench
