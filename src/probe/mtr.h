// `oneping mtr`: rounds of probes, one for each hop, spread over the interval; statistics of each
// hop as a report, as JSON or for a live screen.
#pragma once

#include <vector>

#include "probe/echo_probe.h"
#include "probe/mtr_path.h"
#include "probe/mtr_screen.h"
#include "probe/probe_table.h"

namespace oneping::probe {

// mtr's guess at the length of a path before it knows.
inline constexpr unsigned kMtrFirstGuess = 10;

class Mtr final : public Tool {
 public:
  Mtr(MtrOptions options, const ToolHost& host);

  void start(Time now) override;
  void on_packet(Bytes packet, Time now) override;
  void on_time(Time now) override;
  void on_name(const IpAddress& address, std::string_view name) override;
  void on_legs(const Legs& legs) override { legs_ = legs; }
  void interrupt() override;
  // q quit, r reset, n names, b addresses, d display mode, j jitter, p pause, space resume, + -
  // scroll, ? and h help. Any key leaves the help.
  void on_key(char key, Time now);

  // What a terminal shows now.
  [[nodiscard]] std::string screen(ScreenSize size, const std::string& clock);
  // Whether the screen differs from what it was when this was asked last.
  [[nodiscard]] bool take_change();

  [[nodiscard]] Time next_time() const override { return is_done_ ? kNever : next_time_; }
  [[nodiscard]] bool is_done() const override { return is_done_; }
  // Only answers are waited for now.
  [[nodiscard]] bool has_sent_all() const { return is_in_grace_ || is_done_; }
  // 0; 1: nothing could be sent.
  [[nodiscard]] int exit_code() const override { return has_sent_ ? 0 : 1; }

  [[nodiscard]] const MtrPath& path() const { return path_; }
  [[nodiscard]] const ProbeTable::Counts& probes() const { return table_.counts(); }

 private:
  void send(Time now);
  // Whether the round ends with the probe that just left.
  [[nodiscard]] bool ends_round();
  [[nodiscard]] Duration step() const { return options_.interval / hops_in_round_; }
  [[nodiscard]] bool has_all_names();
  void report_when_named();
  void finish();
  void reset();
  void set_paused(bool paused, Time now);

  // Which probe a tag means: tags are places in a ring of what was asked last.
  struct Sent {
    unsigned ttl = 0;
    std::uint32_t number = 0;  // in the hop's history
    std::uint32_t run = 0;     // since the last reset
  };

  MtrOptions options_;
  ToolHost host_;
  NameBook names_;
  ProbeTable table_;
  MtrPath path_;
  MtrScreenState screen_;
  Legs legs_;
  std::vector<std::uint8_t> data_;
  std::vector<Sent> sent_;

  unsigned ttl_;  // of the next probe
  // Of the last round; the interval is shared among them.
  unsigned hops_in_round_;
  unsigned rounds_ = 0;
  std::uint32_t run_ = 0;
  // The next probe, a step after the one before; and when all rounds are sent, the end of the grace
  // for their answers.
  Time next_time_ = kNever;
  bool is_in_grace_ = false;
  bool waits_for_names_ = false;
  bool has_changed_ = true;
  bool has_sent_ = false;
  std::optional<Refusal> refusal_;  // the last one
  bool is_done_ = false;
};

}  // namespace oneping::probe
