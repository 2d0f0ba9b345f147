// How large a packet reaches a destination without being fragmented, and whether what is too large
// is told so or vanishes: path MTU discovery by hand (RFC 1191, RFC 8201), which finds black holes
// too.
//
// It asks with the largest packet that the link takes. A router that says what fits is believed and
// asked again with that; where larger packets vanish and smaller ones are answered, the edge
// between them is searched for, and then made sure of: what a lossy path has lost is no black hole.
// Of use only while the destination answers echo requests.
#pragma once

#include <optional>

#include "probe/probe_table.h"
#include "probe/tool.h"

namespace oneping::probe {

struct PathMtuResult {
  std::size_t largest = 0;  // that was answered, in bytes of IP packet; 0: none was
  // The smallest that vanished without a word, though a smaller one was answered: a black hole.
  std::optional<std::size_t> vanished;
  // Who said last that a packet was too big, and what would fit.
  struct Told {
    IpAddress from;
    std::size_t mtu = 0;
  };
  std::optional<Told> told;
};

class PathMtu {
 public:
  // A size is asked about by so many probes, so far apart, and the last is waited for so long
  // before the next size is asked about; what comes later still counts. To be sure takes more than
  // the second for which a router that has spoken may be silent.
  static constexpr int kTries = 3;
  static constexpr Duration kSpacing = std::chrono::milliseconds(100);
  static constexpr int kTriesToBeSure = 9;
  static constexpr Duration kSpacingToBeSure = std::chrono::milliseconds(200);
  static constexpr Duration kWait = std::chrono::milliseconds(700);
  static constexpr int kMaxProbes = 80;
  static constexpr std::size_t kCloseEnough = 8;  // bytes, between answered and vanished

  PathMtu(const IpAddress& source, const IpAddress& destination, const ToolHost& host);

  void start(Time now);
  void on_packet(Bytes packet, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_time() const { return is_done_ ? kNever : deadline_; }
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] const PathMtuResult& result() const { return result_; }

 private:
  [[nodiscard]] std::size_t smallest() const;
  // What the link takes, or less if somebody has said so.
  [[nodiscard]] std::size_t largest_to_ask() const;
  void ask(std::size_t size, Time now);
  void make_sure(Time now);
  void send(Time now);
  // About packets of `size`, which may be one that was asked about earlier.
  void on_too_big(std::size_t size, const IpAddress& from, std::size_t mtu, Time now);
  void on_answered(std::size_t size, Time now);
  void on_silence(Time now);
  // The next size between what was answered and what was not; ends when they are close, and it is
  // sure that the one passes and the other does not.
  void search(Time now);
  void finish() { is_done_ = true; }

  IpAddress source_;
  IpAddress destination_;
  ToolHost host_;
  ProbeTable table_;
  PathMtuResult result_;
  std::size_t size_ = 0;                // that is asked about now
  std::optional<std::size_t> refused_;  // the smallest that somebody said is too big
  std::optional<std::size_t>
      unanswered_;  // the smallest that was lost, or vanished; below refused_
  bool is_making_sure_ = false;
  int tries_left_ = 0;
  int probes_ = 0;
  Time deadline_ = kNever;
  bool is_done_ = false;
};

}  // namespace oneping::probe
