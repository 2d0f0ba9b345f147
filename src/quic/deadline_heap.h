// Which connection is due next: a binary heap over hooks that live in the connections, so that
// arming never allocates beyond the heap's own growth. A deadline that moves later is not sifted;
// the hook comes up at its old time and goes back in (lazy re-arm), because nearly every packet
// moves a connection's deadline later.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/time.h"

namespace oneping::quic {

class QuicConnection;

struct Deadline {
  explicit Deadline(QuicConnection& connection) : owner(connection) {}
  QuicConnection& owner;
  Time due = kNever;    // what the owner wants
  Time armed = kNever;  // where it stands in the heap; never later than due
  std::size_t slot = kNone;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

class DeadlineHeap {
 public:
  // The earliest that something may be due.
  [[nodiscard]] Time next() const { return heap_.empty() ? kNever : heap_.front()->armed; }

  void set(Deadline& deadline, Time due) {
    deadline.due = due;
    if (due == kNever) {
      remove(deadline);
    } else if (deadline.slot == Deadline::kNone) {
      deadline.armed = due;
      deadline.slot = heap_.size();
      heap_.push_back(&deadline);
      sift_up(deadline.slot);
    } else if (due < deadline.armed) {
      deadline.armed = due;
      sift_up(deadline.slot);
    }
  }

  // Takes out one that is due at `now`; null when none is.
  [[nodiscard]] QuicConnection* pop_due(Time now) {
    while (!heap_.empty() && heap_.front()->armed <= now) {
      Deadline& first = *heap_.front();
      remove(first);
      if (first.due <= now) return &first.owner;
      set(first, first.due);
    }
    return nullptr;
  }

  void remove(Deadline& deadline) {
    if (deadline.slot == Deadline::kNone) return;
    const std::size_t slot = std::exchange(deadline.slot, Deadline::kNone);
    Deadline* const last = heap_.back();
    heap_.pop_back();
    if (last == &deadline) return;
    place(slot, last);
    sift_up(slot);
    sift_down(last->slot);
  }

 private:
  void place(std::size_t slot, Deadline* deadline) {
    heap_[slot] = deadline;
    deadline->slot = slot;
  }
  void sift_up(std::size_t slot) {
    Deadline* const moving = heap_[slot];
    while (slot > 0 && moving->armed < heap_[(slot - 1) / 2]->armed) {
      place(slot, heap_[(slot - 1) / 2]);
      slot = (slot - 1) / 2;
    }
    place(slot, moving);
  }
  void sift_down(std::size_t slot) {
    Deadline* const moving = heap_[slot];
    for (std::size_t child = 2 * slot + 1; child < heap_.size(); child = 2 * slot + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1]->armed < heap_[child]->armed) ++child;
      if (heap_[child]->armed >= moving->armed) break;
      place(slot, heap_[child]);
      slot = child;
    }
    place(slot, moving);
  }

  std::vector<Deadline*> heap_;
};

}  // namespace oneping::quic
