#include "proxy/echo_slots.h"

#include <cassert>

namespace oneping {

namespace {
constexpr std::size_t kMaxExpiredPerCall = 4096;
}  // namespace

EchoSlots::EchoSlots(EchoChannelKind kind, std::uint16_t channels, Options options)
    : kind_(kind), options_(options), capacity_(channels * kSequencesPerChannel) {
  chunks_.reserve(capacity_ / kChunk);
}

std::optional<EchoSlot> EchoSlots::open(const EchoRecord& record, Time now) {
  const auto index = take(now);
  if (!index) return std::nullopt;
  at(*index).record = record;
  at(*index).errors = 0;
  push(pending_, *index, State::pending, now);
  return EchoSlot{.kind = kind_,
                  .channel = static_cast<std::uint16_t>(*index / kSequencesPerChannel),
                  .sequence = static_cast<std::uint16_t>(*index % kSequencesPerChannel)};
}

std::optional<EchoSlots::Index> EchoSlots::take(Time now) {
  const bool channel_has_fresh = touched_ % kSequencesPerChannel != 0;
  if (channel_has_fresh) return touch();
  if (oldest_waited(resting_, options_.rest, now)) return pop(resting_);
  if (touched_ < capacity_) return touch();
  if (resting_.size != 0) return pop(resting_);
  if (oldest_waited(pending_, options_.evict_after, now)) {
    ++evicted_;
    return pop(pending_);
  }
  return std::nullopt;
}

EchoSlots::Index EchoSlots::touch() {
  if (touched_ % kChunk == 0) chunks_.push_back(std::make_unique<Slot[]>(kChunk));
  return static_cast<Index>(touched_++);
}

const EchoRecord* EchoSlots::find(const EchoSlot& slot) const {
  const Index index = index_of(slot);
  if (slot.kind != kind_ || index >= touched_) return nullptr;
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

std::size_t EchoSlots::memory() const {
  return chunks_.size() * kChunk * sizeof(Slot) + chunks_.capacity() * sizeof(chunks_[0]);
}

void EchoSlots::push(List& list, Index index, State state, Time now) {
  Slot& slot = at(index);
  slot.state = state;
  slot.since = stamp_of(now);
  slot.previous = list.tail;
  slot.next = kNone;
  if (list.tail == kNone) {
    list.head = index;
  } else {
    at(list.tail).next = index;
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

bool EchoSlots::oldest_waited(const List& list, Duration duration, Time now) const {
  if (list.size == 0) return false;
  const Stamp waited = stamp_of(now) - at(list.head).since;
  return std::chrono::milliseconds(waited) >= duration;
}

EchoSlots::Stamp EchoSlots::stamp_of(Time time) {
  const auto since_start = time.time_since_epoch();
  return static_cast<Stamp>(std::chrono::floor<std::chrono::milliseconds>(since_start).count());
}

EchoSlots::Index EchoSlots::index_of(const EchoSlot& slot) {
  return static_cast<Index>(slot.channel * kSequencesPerChannel + slot.sequence);
}

}  // namespace oneping
