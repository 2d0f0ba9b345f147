// The probes of a trace: `queries` for each hop, in the order in which they leave and are printed.
// How long to wait for one, and where an answer belongs that came to a later probe, follow the
// rules of traceroute for Linux, so that the same path gives the same text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/trace_options.h"

namespace oneping::probe {

struct TraceProbe {
  std::optional<Time> sent;
  std::uint16_t sequence = 0;
  bool done = false;
  bool final = false;  // whoever answered is the end of the path
  std::optional<IpAddress> from;
  std::optional<Duration> round_trip;
  std::uint8_t hop_limit = 0;  // of the answer as it came
  std::string mark;            // "!H"
  std::optional<std::uint32_t> mtu;
};

class TraceProbes {
 public:
  explicit TraceProbes(const TraceOptions& options)
      : queries_(options.queries),
        wait_(options.wait),
        probes_(std::size_t{options.max_hops} * options.queries) {}

  [[nodiscard]] std::size_t size() const { return probes_.size(); }
  [[nodiscard]] TraceProbe& operator[](std::size_t index) { return probes_[index]; }
  [[nodiscard]] const TraceProbe& operator[](std::size_t index) const { return probes_[index]; }

  [[nodiscard]] std::uint8_t hop_of(std::size_t index) const {
    return static_cast<std::uint8_t>(index / queries_ + 1);
  }
  [[nodiscard]] std::size_t first_of_hop(std::size_t index) const {
    return index - index % queries_;
  }
  [[nodiscard]] std::size_t end_of_hop(std::size_t index) const {
    return first_of_hop(index) + queries_;
  }

  // How long to wait for a probe that is out, going by what others took so far.
  [[nodiscard]] Duration patience(std::size_t index) const;

  // The shortest round trip to the destination of the probes before `end`, once it has answered.
  [[nodiscard]] std::optional<Duration> shortest_to(const IpAddress& destination,
                                                    std::size_t end) const;

  // A probe that nobody answered in time is done. The end of the path often limits its errors and
  // answers only later probes, whose hop is then too high: if that is what it looks like, the
  // answer is moved here.
  void expire(std::size_t index);

 private:
  [[nodiscard]] std::optional<Duration> limit(const TraceProbe& answered, double factor) const;
  [[nodiscard]] std::optional<std::size_t> final_answer_for(std::size_t index) const;
  [[nodiscard]] bool belongs_here(std::size_t index, std::size_t final) const;
  [[nodiscard]] bool distance_fits(std::size_t index, std::size_t final) const;

  std::size_t queries_;
  TraceWait wait_;
  std::vector<TraceProbe> probes_;
};

}  // namespace oneping::probe
