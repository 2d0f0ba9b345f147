// Remembers the probes that are on their way, and matches what comes back to them by id, sequence
// and destination. When a probe left is known here and only here: nothing of an answer's payload is
// ever believed.
//
// There is a place for each of the 65536 sequences, made as they are first used. The next probe
// with the same sequence takes the place over; if the one before was still waiting, it counts as
// forgotten. So sent = answered + given up + forgotten + waiting, always.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "probe/answer.h"

namespace oneping::probe {

class ProbeTable {
 public:
  // The probes of one run: who asks whom, and under which id.
  ProbeTable(const IpAddress& source, const IpAddress& destination, std::uint16_t id)
      : source_(source), destination_(destination), id_(id) {}

  // A probe that leaves now; the first one has sequence 1. `tag` is the caller's own name for it.
  EchoIdentity add(std::uint32_t tag, Time now);

  enum class Order : std::uint8_t {
    first,  // nothing had come back for this probe yet
    again,  // a duplicate, a reply behind an error, or an error behind a reply
    late,   // the first one, but it had been given up
  };
  struct Match {
    std::uint32_t tag;
    Order order;
    bool is_duplicate;  // a reply, and not the first reply to this probe
    bool from_destination;
    Duration round_trip;
  };
  // Nothing if `answer` is not about a probe in the table: then it is a stranger's.
  [[nodiscard]] std::optional<Match> match(const Answer& answer, Time now);

  // Waits no longer for that probe. One that is not waiting is no matter.
  void give_up(std::uint16_t sequence);

  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;  // before it was given up
    std::uint64_t given_up = 0;
    std::uint64_t forgotten = 0;
    std::uint64_t again = 0;
    std::uint64_t late = 0;
    std::uint64_t strangers = 0;
    [[nodiscard]] std::uint64_t waiting() const { return sent - answered - given_up - forgotten; }
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  // Places made so far.
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  enum class State : std::uint8_t { unused, waiting, answered, given_up };
  struct Place {
    Time sent;
    std::uint32_t tag = 0;
    State state = State::unused;
    bool replied = false;
  };

  [[nodiscard]] Place* find(const Answer& answer);

  IpAddress source_;
  IpAddress destination_;
  std::uint16_t id_;
  std::uint16_t last_sequence_ = 0;
  std::vector<Place> places_;
  Counts counts_;
};

}  // namespace oneping::probe
