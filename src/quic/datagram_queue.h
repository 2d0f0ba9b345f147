// Datagrams that wait for the congestion window, oldest first. Bounded: when it is full the oldest
// goes (queue_full); what has waited too long goes (expired), for a late packet is worth less than
// the next one, and a peer who acknowledges nothing keeps no packets from others; what no longer
// fits the path goes when its turn comes (too_big).
//
// A ring of packets that doubles up to its bound and then never allocates.
#pragma once

#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "base/time.h"

namespace oneping::quic {

class DatagramQueue {
 public:
  DatagramQueue(std::size_t max_packets, Duration max_age)
      : max_packets_(max_packets), max_age_(max_age) {}

  void push(Packet&& datagram, Time now);
  // The next to send: at most `max_size` bytes and young enough. Drops what is not; null when
  // empty. Stays in the queue until pop_sent() or drop_front().
  [[nodiscard]] const Packet* front(std::size_t max_size, Time now);
  // Drops what has waited too long.
  void expire(Time now);
  // When expire() has something to do, a little later, so that it is more than one; or never.
  [[nodiscard]] Time next_expiry() const;
  void pop_sent();
  void drop_front(DropReason why);
  void drop_all(DropReason why);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const StageCounters& counters() const { return counters_; }

 private:
  struct Waiting {
    Packet datagram;
    Time since{};
  };
  void grow();
  void pop();

  std::size_t max_packets_;
  Duration max_age_;
  std::vector<Waiting> ring_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  StageCounters counters_;
};

}  // namespace oneping::quic
