// The outstanding echo requests of one channel kind: NAT by (channel, sequence).
//
// Each request gets a slot, and with it the channel and the sequence number that it has on the
// wire; the reply names the same slot again. A slot is pending until it is answered or its time is
// up, and then rests until it is reused. An answered slot can still be found while it rests, so
// that a duplicate reply reaches the client as the duplicate that it is.
//
// A flow has a slot of its own for each of its sequence numbers, at a constant distance from them
// in one channel: routers that balance load by what differs between the client's requests see the
// same differences behind us (Paris traceroute). The distance is a hash, so nothing is kept for a
// flow. It is constant in the arithmetic of checksums, modulo 65535: requests whose checksum the
// client keeps constant have a constant one on the wire too, wherever the numbers wrap.
//
// Where that slot is taken, or rests after somebody else's request, which comes next: a sequence of
// the channel that is being filled; when it is full, the slot that has rested longest, if that was
// long enough for stragglers of the old request to be gone; then a new channel; then whatever
// rests. If nothing rests, the oldest pending request gives way if it has had a fair chance, or
// else the new one is refused. Few channels in use mean large batches at each; when there is one
// more, some flows move to it.
//
// A slot takes 64 bytes, in chunks that are made when first needed and kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "proxy/echo_backend.h"
#include "wire/icmp.h"
#include "wire/ip_address.h"

namespace oneping {

// What must be known to turn a reply, or an error that quotes the request, back into the client's.
struct EchoRecord {
  IpAddress client;
  IpAddress destination;
  EchoIdentity identity;                  // as the client chose it
  std::uint32_t payload_fingerprint = 0;  // the payload itself is not kept
  std::uint32_t label = 0;                // IPv4's identification, IPv6's flow label
  std::uint16_t checksum = 0;             // the ICMP checksum as the client wrote it
  std::uint16_t payload_size = 0;         // bytes
  std::uint8_t hop_limit = 0;             // as the request left here
  std::uint8_t traffic_class = 0;
  std::uint8_t tag = 0;  // where the request came from; means nothing here
  friend bool operator==(const EchoRecord&, const EchoRecord&) = default;
};

class EchoSlots {
 public:
  struct Options {
    Duration timeout = std::chrono::seconds(60);  // RFC 5508, REQ-2: not less
    Duration rest = std::chrono::seconds(10);
    Duration evict_after = std::chrono::seconds(1);
  };

  EchoSlots(EchoChannelKind kind, std::uint16_t channels, Options options);

  // A slot for a new request; nothing if all are pending and young. `flow` is a hash of what makes
  // the client's flow, which he must not be able to aim.
  [[nodiscard]] std::optional<EchoSlot> open(const EchoRecord& record, std::uint64_t flow,
                                             Time now);
  // The same, for a request that belongs to no flow.
  [[nodiscard]] std::optional<EchoSlot> open(const EchoRecord& record, Time now);

  // The request of a pending or answered slot of this kind. Valid until the next change.
  [[nodiscard]] const EchoRecord* find(const EchoSlot& slot) const;

  enum class Answer : std::uint8_t { first, duplicate };
  // The reply has come. The slot must be one that find() knows.
  Answer mark_answered(const EchoSlot& slot, Time now);

  // An error about the request has come, which changes nothing about the slot (RFC 5508, REQ-6).
  // False if there were kMaxErrors before it: one request has one, and perhaps copies of it. The
  // slot must be one that find() knows.
  static constexpr unsigned kMaxErrors = 3;
  [[nodiscard]] bool count_error(const EchoSlot& slot);

  // The request could not be sent: the slot waits for nothing. One that does not wait stays.
  void cancel(const EchoSlot& slot, Time now);

  // Gives up on requests whose time is up: a bounded number, so call again while next_deadline() is
  // due.
  void expire(Time now);
  // When the oldest pending request's time is up; kNever if none is pending.
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t pending() const { return pending_.size; }
  [[nodiscard]] std::size_t memory() const;  // bytes
  // Requests that got no answer in time, and those that gave way to newer ones.
  [[nodiscard]] std::uint64_t expired() const { return expired_; }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  using Index = std::uint32_t;                // channel * 65536 + sequence
  static constexpr Index kNone = 0x3fffffff;  // all bits that an index has
  static constexpr std::size_t kChunk = 1024;

  enum class State : std::uint32_t { fresh, pending, answered, dead };

  // Milliseconds, which wrap every 49 days: a slot that rests for so long looks fresh for a moment,
  // and another one is taken instead.
  using Stamp = std::uint32_t;

  struct Slot {
    EchoRecord record;
    Stamp since = 0;  // when it came into its list
    Index previous : 30 = kNone;
    State state : 2 = State::fresh;
    Index next : 30 = kNone;
    std::uint32_t errors : 2 = 0;  // that have come about it
  };
  static_assert(sizeof(Slot) == 64);

  // Slots in the order in which they came in: every slot but a fresh one is in exactly one list.
  struct List {
    Index head = kNone;
    Index tail = kNone;
    std::size_t size = 0;
  };

  [[nodiscard]] EchoSlot begin(Index index, const EchoRecord& record, Time now);
  [[nodiscard]] Index own_slot(const EchoRecord& record, std::uint64_t flow) const;
  // The slot is free for this request; what rested there rests no more.
  [[nodiscard]] bool take_own(Index index, const EchoRecord& record, Time now);
  [[nodiscard]] std::optional<Index> take(Time now);
  Index take_fresh();
  [[nodiscard]] bool is_fresh(Index index) const;
  void make_chunk(Index index);
  void push(List& list, Index index, State state, Time now);
  void remove(List& list, Index index);
  Index pop(List& list);
  [[nodiscard]] bool has_waited(Index index, Duration duration, Time now) const;
  [[nodiscard]] bool oldest_waited(const List& list, Duration duration, Time now) const;
  [[nodiscard]] static Stamp stamp_of(Time time);

  [[nodiscard]] static Index index_of(const EchoSlot& slot);
  [[nodiscard]] Slot& at(Index index) { return chunks_[index / kChunk][index % kChunk]; }
  [[nodiscard]] const Slot& at(Index index) const {
    return chunks_[index / kChunk][index % kChunk];
  }

  EchoChannelKind kind_;
  Options options_;
  std::size_t capacity_;
  std::size_t first_fresh_ = 0;  // no slot below is fresh
  std::size_t memory_ = 0;
  std::vector<std::unique_ptr<Slot[]>> chunks_;  // null: all its slots are fresh
  Time latest_{};                                // when a slot last came into a list
  List pending_;
  List resting_;
  std::uint64_t expired_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace oneping
