#include "proxy/echo_slots.h"

#include <cassert>

namespace oneping {

namespace {
constexpr std::size_t kMaxExpiredPerCall = 4096;
constexpr std::uint32_t kChecksumModulus = 0xffff;  // of ones' complement sums of 16 bits

// One of `count` by a hash; of those that it chooses among one more, only that one is new
// (Lamping, Veach: A Fast, Minimal Memory, Consistent Hash Algorithm). None counts as one.
std::uint32_t consistent_choice(std::uint64_t hash, std::uint32_t count) {
  std::uint32_t choice = 0;
  if (count <= 1) return choice;
  for (double next = 0; next < count;) {
    choice = static_cast<std::uint32_t>(next);
    hash = hash * 2862933555777941757u + 1;
    next = (choice + 1) * (0x1p31 / static_cast<double>((hash >> 33) + 1));
  }
  return choice;
}
}  // namespace

EchoSlots::EchoSlots(EchoChannelKind kind, std::uint16_t channels, Options options)
    : kind_(kind),
      options_(options),
      capacity_(channels * kSequencesPerChannel),
      chunks_(capacity_ / kChunk) {}

std::optional<EchoSlot> EchoSlots::open(const EchoRecord& record, std::uint64_t flow, Time now) {
  if (capacity_ == 0) return std::nullopt;
  const Index own = own_slot(record, flow);
  if (take_own(own, record, now)) return begin(own, record, now);
  return open(record, now);
}

std::optional<EchoSlot> EchoSlots::open(const EchoRecord& record, Time now) {
  const auto index = take(now);
  if (!index) return std::nullopt;
  return begin(*index, record, now);
}

EchoSlot EchoSlots::begin(Index index, const EchoRecord& record, Time now) {
  at(index).record = record;
  at(index).errors = 0;
  push(pending_, index, State::pending, now);
  return {.kind = kind_,
          .channel = static_cast<std::uint16_t>(index / kSequencesPerChannel),
          .sequence = static_cast<std::uint16_t>(index % kSequencesPerChannel)};
}

EchoSlots::Index EchoSlots::own_slot(const EchoRecord& record, std::uint64_t flow) const {
  const std::size_t begun = (first_fresh_ + kSequencesPerChannel - 1) / kSequencesPerChannel;
  const std::uint32_t channel = consistent_choice(flow, static_cast<std::uint32_t>(begun));
  const auto distance = static_cast<std::uint32_t>(flow >> 32) % kChecksumModulus;
  const std::uint32_t sequence = (record.identity.sequence + distance) % kChecksumModulus;
  return static_cast<Index>(channel * kSequencesPerChannel + sequence);
}

bool EchoSlots::take_own(Index index, const EchoRecord& record, Time now) {
  if (is_fresh(index)) {
    make_chunk(index);
    return true;
  }
  const Slot& slot = at(index);
  if (slot.state == State::pending) return false;
  // A straggler that answers the client's same request is as good as it would be without us.
  const bool is_same = slot.record.identity == record.identity &&
                       slot.record.client == record.client &&
                       slot.record.destination == record.destination;
  if (!is_same && !has_waited(index, options_.rest, now)) return false;
  remove(resting_, index);
  return true;
}

std::optional<EchoSlots::Index> EchoSlots::take(Time now) {
  while (first_fresh_ < capacity_ && !is_fresh(static_cast<Index>(first_fresh_))) ++first_fresh_;
  const bool channel_has_fresh = first_fresh_ % kSequencesPerChannel != 0;
  if (channel_has_fresh) return take_fresh();
  if (oldest_waited(resting_, options_.rest, now)) return pop(resting_);
  if (first_fresh_ < capacity_) return take_fresh();
  if (resting_.size != 0) return pop(resting_);
  if (oldest_waited(pending_, options_.evict_after, now)) {
    ++evicted_;
    return pop(pending_);
  }
  return std::nullopt;
}

EchoSlots::Index EchoSlots::take_fresh() {
  const auto index = static_cast<Index>(first_fresh_++);
  make_chunk(index);
  return index;
}

bool EchoSlots::is_fresh(Index index) const {
  return chunks_[index / kChunk] == nullptr || at(index).state == State::fresh;
}

void EchoSlots::make_chunk(Index index) {
  auto& chunk = chunks_[index / kChunk];
  if (chunk != nullptr) return;
  chunk = std::make_unique<Slot[]>(kChunk);
  memory_ += kChunk * sizeof(Slot);
}

const EchoRecord* EchoSlots::find(const EchoSlot& slot) const {
  const Index index = index_of(slot);
  if (slot.kind != kind_ || index >= capacity_ || is_fresh(index)) return nullptr;
  const Slot& found = at(index);
  return found.state == State::dead ? nullptr : &found.record;
}

EchoSlots::Answer EchoSlots::mark_answered(const EchoSlot& slot, Time now) {
  assert(find(slot) != nullptr);
  const Index index = index_of(slot);
  if (at(index).state == State::answered) return Answer::duplicate;
  remove(pending_, index);
  push(resting_, index, State::answered, now);
  return Answer::first;
}

bool EchoSlots::count_error(const EchoSlot& slot) {
  assert(find(slot) != nullptr);
  Slot& found = at(index_of(slot));
  if (found.errors == kMaxErrors) return false;
  ++found.errors;
  return true;
}

void EchoSlots::cancel(const EchoSlot& slot, Time now) {
  if (find(slot) == nullptr || at(index_of(slot)).state != State::pending) return;
  remove(pending_, index_of(slot));
  push(resting_, index_of(slot), State::dead, now);
}

void EchoSlots::expire(Time now) {
  for (std::size_t i = 0; i < kMaxExpiredPerCall; ++i) {
    if (!oldest_waited(pending_, options_.timeout, now)) return;
    push(resting_, pop(pending_), State::dead, now);
    ++expired_;
  }
}

Time EchoSlots::next_deadline() const {
  if (pending_.size == 0) return kNever;
  const Stamp ago = stamp_of(latest_) - at(pending_.head).since;
  const auto latest = std::chrono::floor<std::chrono::milliseconds>(latest_);
  return latest - std::chrono::milliseconds(ago) + options_.timeout;
}

std::size_t EchoSlots::memory() const { return memory_ + chunks_.capacity() * sizeof(chunks_[0]); }

void EchoSlots::push(List& list, Index index, State state, Time now) {
  Slot& slot = at(index);
  slot.state = state;
  slot.since = stamp_of(now);
  slot.previous = list.tail & kNone;
  slot.next = kNone;
  if (list.tail == kNone) {
    list.head = index;
  } else {
    at(list.tail).next = index & kNone;
  }
  list.tail = index;
  ++list.size;
  latest_ = now;
}

void EchoSlots::remove(List& list, Index index) {
  const Slot& slot = at(index);
  if (slot.previous == kNone) {
    list.head = slot.next;
  } else {
    at(slot.previous).next = slot.next;
  }
  if (slot.next == kNone) {
    list.tail = slot.previous;
  } else {
    at(slot.next).previous = slot.previous;
  }
  --list.size;
}

EchoSlots::Index EchoSlots::pop(List& list) {
  const Index index = list.head;
  remove(list, index);
  return index;
}

bool EchoSlots::has_waited(Index index, Duration duration, Time now) const {
  const Stamp waited = stamp_of(now) - at(index).since;
  return std::chrono::milliseconds(waited) >= duration;
}

bool EchoSlots::oldest_waited(const List& list, Duration duration, Time now) const {
  return list.size != 0 && has_waited(list.head, duration, now);
}

EchoSlots::Stamp EchoSlots::stamp_of(Time time) {
  const auto since_start = time.time_since_epoch();
  return static_cast<Stamp>(std::chrono::floor<std::chrono::milliseconds>(since_start).count());
}

EchoSlots::Index EchoSlots::index_of(const EchoSlot& slot) {
  return static_cast<Index>(slot.channel * kSequencesPerChannel + slot.sequence);
}

}  // namespace oneping
