#include "quic/datagram_queue.h"

#include <algorithm>

namespace oneping::quic {

namespace {
constexpr Duration kExpiryStep = std::chrono::milliseconds(10);
}  // namespace

void DatagramQueue::push(Packet&& datagram, Time now) {
  counters_.count_in();
  if (max_packets_ == 0) {
    counters_.count_dropped(DropReason::queue_full);
    Packet dropped(std::move(datagram));
    return;
  }
  if (size_ == max_packets_) drop_front(DropReason::queue_full);
  if (size_ == ring_.size()) grow();
  ring_[(head_ + size_) % ring_.size()] = {std::move(datagram), now};
  ++size_;
}

const Packet* DatagramQueue::front(std::size_t max_size, Time now) {
  expire(now);
  while (size_ > 0) {
    const Packet& first = ring_[head_].datagram;
    if (first.size() <= max_size) return &first;
    drop_front(DropReason::too_big);
  }
  return nullptr;
}

void DatagramQueue::expire(Time now) {
  while (size_ > 0 && now - ring_[head_].since > max_age_) drop_front(DropReason::expired);
}

Time DatagramQueue::next_expiry() const {
  return size_ == 0 ? kNever : ring_[head_].since + max_age_ + kExpiryStep;
}

void DatagramQueue::pop_sent() {
  counters_.count_forwarded();
  pop();
}

void DatagramQueue::drop_front(DropReason why) {
  counters_.count_dropped(why);
  pop();
}

void DatagramQueue::drop_all(DropReason why) {
  while (size_ > 0) drop_front(why);
}

void DatagramQueue::pop() {
  ring_[head_].datagram = Packet();
  head_ = (head_ + 1) % ring_.size();
  --size_;
}

void DatagramQueue::grow() {
  std::vector<Waiting> larger(std::clamp<std::size_t>(ring_.size() * 2, 1, max_packets_));
  if (ring_.empty()) larger.resize(std::min<std::size_t>(16, max_packets_));
  for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[(head_ + i) % ring_.size()]);
  ring_ = std::move(larger);
  head_ = 0;
}

}  // namespace oneping::quic
