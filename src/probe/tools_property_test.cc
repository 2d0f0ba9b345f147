// Over any path, with any faults, the tools end and their figures add up.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "probe/mtr.h"
#include "probe/ping.h"
#include "probe/testing/simulated_path.h"
#include "probe/trace.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

std::vector<SimulatedHop> any_path() {
  const int length = *rc::gen::inRange(1, 7);
  std::vector<SimulatedHop> hops;
  for (int i = 0; i < length; ++i) {
    SimulatedHop hop;
    const std::string prefix = "10.99." + std::to_string(i) + ".";
    hop.addresses = {prefix + "1"};
    if (*rc::gen::inRange(0, 4) == 0) hop.addresses.push_back(prefix + "2");
    hop.round_trips.clear();
    for (int k = *rc::gen::inRange(1, 4); k > 0; --k) {
      hop.round_trips.push_back(std::chrono::microseconds(*rc::gen::inRange(1, 3'000'000)));
    }
    hop.silent = *rc::gen::inRange(0, 6) == 0;
    hop.loss = *rc::gen::element(0.0, 0.0, 0.3, 0.9);
    if (*rc::gen::inRange(0, 5) == 0) hop.error_gap = 50ms;
    if (*rc::gen::inRange(0, 8) == 0) hop.refuses = {3, *rc::gen::inRange(0, 20)};
    hop.duplicates = *rc::gen::element(0, 0, 0, 2);
    hops.push_back(hop);
  }
  return hops;
}

IpAddress destination_of(const std::vector<SimulatedHop>& hops) {
  return address(hops.back().addresses.front());
}

void check_sums(const ProbeTable::Counts& counts, std::uint64_t sent) {
  RC_ASSERT(counts.sent == sent);
  RC_ASSERT(counts.answered + counts.given_up + counts.forgotten <= counts.sent);
  RC_ASSERT(counts.late <= counts.given_up);
}

RC_GTEST_PROP(ToolsProperty, PingAddsUp, ()) {
  const auto hops = any_path();
  Simulation simulation(hops, *rc::gen::inRange<std::uint64_t>(0, 1000));
  Ping ping({.host = "host",
             .source = address("10.98.0.1"),
             .destination = destination_of(hops),
             .count = *rc::gen::inRange(1, 20),
             .interval = std::chrono::milliseconds(*rc::gen::inRange(1, 1500)),
             .hop_limit = static_cast<std::uint8_t>(*rc::gen::inRange(1, 9))},
            simulation.host());
  simulation.run(ping);
  RC_ASSERT(ping.is_done());
  const auto& statistics = ping.statistics();
  RC_ASSERT(statistics.received() <= statistics.sent());
  check_sums(ping.probes(), simulation.path.sent_count());
  RC_ASSERT(statistics.received() + statistics.duplicates() + statistics.errors() ==
            ping.probes().answered + ping.probes().again + ping.probes().late);
  if (statistics.received() > 0) {
    RC_ASSERT(statistics.shortest() <= statistics.average());
    RC_ASSERT(statistics.average() <= statistics.longest());
  }
  RC_ASSERT((ping.exit_code() == 0) == (statistics.received() > 0));
}

RC_GTEST_PROP(ToolsProperty, TraceHasAResultForEachProbeOfEachHop, ()) {
  const auto hops = any_path();
  Simulation simulation(hops, *rc::gen::inRange<std::uint64_t>(0, 1000));
  const unsigned queries = *rc::gen::inRange(1, 5);
  const unsigned max_hops = *rc::gen::inRange(1, 10);
  Trace trace({.host = "host",
               .source = address("10.98.0.1"),
               .destination = destination_of(hops),
               .max_hops = max_hops,
               .queries = queries,
               .sim_queries = static_cast<unsigned>(*rc::gen::inRange(1, 20)),
               .naming = Naming::numeric},
              simulation.host());
  simulation.run(trace);
  RC_ASSERT(trace.is_done());
  check_sums(trace.probes(), simulation.path.sent_count());
  const std::string& text = simulation.text.output;
  const auto results =
      std::ranges::count(text, '*') + static_cast<std::ptrdiff_t>([&] {
        std::size_t times = 0;
        for (auto at = text.find(" ms"); at != std::string::npos; at = text.find(" ms", at + 1)) {
          ++times;
        }
        return times;
      }());
  const auto lines = std::ranges::count(text, '\n') - 1;
  RC_ASSERT(lines >= 1 && lines <= static_cast<std::ptrdiff_t>(max_hops));
  RC_ASSERT(results == lines * static_cast<std::ptrdiff_t>(queries));
}

RC_GTEST_PROP(ToolsProperty, MtrCountsEachProbeAtOneHop, ()) {
  const auto hops = any_path();
  Simulation simulation(hops, *rc::gen::inRange<std::uint64_t>(0, 1000));
  const unsigned max_ttl = *rc::gen::inRange(1, 10);
  Mtr mtr({.host = "host",
           .source = address("10.98.0.1"),
           .destination = destination_of(hops),
           .count = *rc::gen::inRange(1, 6),
           .max_ttl = max_ttl,
           .naming = Naming::numeric,
           .output = MtrOutput::json},
          simulation.host());
  simulation.run(mtr);
  RC_ASSERT(mtr.is_done());
  check_sums(mtr.probes(), simulation.path.sent_count());
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  for (unsigned ttl = 1; ttl <= max_ttl; ++ttl) {
    const auto& hop = mtr.path().hop(ttl).statistics;
    RC_ASSERT(hop.received() + hop.dropped() == hop.sent());
    RC_ASSERT(hop.best() <= hop.average() && hop.average() <= hop.worst());
    sent += static_cast<std::uint64_t>(hop.sent());
    received += static_cast<std::uint64_t>(hop.received());
  }
  RC_ASSERT(sent == simulation.path.sent_count());
  RC_ASSERT(received == mtr.probes().answered);
}

}  // namespace
}  // namespace oneping::probe
