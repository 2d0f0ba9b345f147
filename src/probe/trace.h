// `oneping trace`: echo requests with a hop limit that grows, several at once, until the
// destination or an unreachable answers; as traceroute -I does it.
#pragma once

#include <vector>

#include "probe/echo_probe.h"
#include "probe/probe_table.h"
#include "probe/trace_probes.h"

namespace oneping::probe {

class Trace final : public Tool {
 public:
  Trace(TraceOptions options, const ToolHost& host);

  void start(Time now) override;
  void on_packet(Bytes packet, Time now) override;
  void on_time(Time now) override;
  void on_name(const IpAddress& address, std::string_view name) override;
  void on_legs(const Legs& legs) override { legs_ = legs; }
  void interrupt() override;

  [[nodiscard]] Time next_time() const override { return is_done_ ? kNever : next_time_; }
  [[nodiscard]] bool is_done() const override { return is_done_; }
  // 0, wherever the path ended; 1: the link does not send.
  [[nodiscard]] int exit_code() const override { return exit_code_; }

  [[nodiscard]] const TraceProbes& results() const { return probes_; }
  [[nodiscard]] const ProbeTable::Counts& probes() const { return table_.counts(); }

 private:
  // Looks at the probes in order: expires the first, sends what may be sent, and finds out when to
  // look again.
  void advance(Time now);
  void look(Time now);
  // Whether it is settled: sent, refused for good, or given up as the link does not send at all.
  [[nodiscard]] bool send(std::size_t index, Time now);
  // Prints all that is done and whose names are known, in order.
  void print();
  void finish();
  [[nodiscard]] std::string legs_line() const;
  [[nodiscard]] std::size_t packet_size() const;

  TraceOptions options_;
  ToolHost host_;
  NameBook names_;
  ProbeTable table_;
  TraceProbes probes_;
  Legs legs_;
  std::vector<std::uint8_t> data_;

  std::size_t first_pending_;
  std::size_t next_to_print_;
  std::size_t end_;  // of the last hop that we want to know
  std::optional<Time> last_sent_;
  // The next probe's turn, the first pending one expires, -z allows the next probe, or the link may
  // take one again.
  Time next_time_ = kNever;
  bool is_done_ = false;
  int exit_code_ = 0;
};

}  // namespace oneping::probe
