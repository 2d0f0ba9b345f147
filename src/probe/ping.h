// `oneping ping`: an echo request every interval, a line for each answer, and a summary, as iputils
// ping does it.
#pragma once

#include <vector>

#include "probe/echo_probe.h"
#include "probe/named_text.h"
#include "probe/ping_json.h"
#include "probe/ping_options.h"
#include "probe/ping_statistics.h"
#include "probe/probe_table.h"

namespace oneping::probe {

class Ping final : public Tool {
 public:
  Ping(PingOptions options, const ToolHost& host);

  void start(Time now) override;
  void on_packet(Bytes packet, Time now) override;
  void on_time(Time now) override;
  void on_name(const IpAddress& address, std::string_view name) override;
  void on_legs(const Legs& legs) override { legs_ = legs; }
  void interrupt() override;
  // A line on stderr that says how it goes (SIGQUIT).
  void show_status();

  [[nodiscard]] Time next_time() const override;
  [[nodiscard]] bool is_done() const override { return is_finished_ && text_.is_empty(); }
  // 0: something answered; 1: nothing, or less than -c asked for within -w.
  [[nodiscard]] int exit_code() const override;

  [[nodiscard]] const PingStatistics& statistics() const { return statistics_; }
  [[nodiscard]] const ProbeTable::Counts& probes() const { return table_.counts(); }

 private:
  void send(Time now);
  void on_refusal(std::uint16_t sequence, const Refusal& refusal);
  void on_reply(const Answer& reply, const ProbeTable::Match& match, Time now);
  void on_error(const Answer& error, Time now);
  void write(SplitText line, const IpAddress& who, Time now);
  [[nodiscard]] bool has_sent_all() const;
  // Whether there is nothing left to wait for.
  [[nodiscard]] bool is_satisfied() const;
  void finish();

  PingOptions options_;
  ToolHost host_;
  NameBook names_;
  NamedText text_;
  PingJson json_;
  ProbeTable table_;
  PingStatistics statistics_;
  Legs legs_;
  LegAverages leg_averages_;
  std::vector<std::uint8_t> data_;
  // A router has said that packets must be fragmented.
  bool path_is_narrow_ = false;

  Time started_;
  Time last_sent_;
  // The next probe: an interval after the last one; never again once -c of them are out, unless -w
  // says that replies are what counts.
  Time next_send_ = kNever;
  // -w, counted from the start. When it comes it is over.
  Time deadline_ = kNever;
  // Starts when the last probe is out, once: for twice the longest round trip so far, at least one
  // interval, or -W if nothing has come back at all. When it comes it is over.
  Time linger_end_ = kNever;
  bool is_finished_ = false;
};

}  // namespace oneping::probe
