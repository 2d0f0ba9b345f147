#include "flow/reassembler.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace oneping {

Reassembler::Reassembler(const Options& options, PacketPool& pool, std::uint64_t seed)
    : options_(options),
      pool_(pool),
      seed_(seed),
      // Nothing is forgotten here of its own accord: every piece must be counted.
      packets_({.capacity = options.packets, .idle_timeout = Duration::max(), .seed = seed}) {}

std::optional<Reassembler::Whole> Reassembler::add(Packet piece, const IpView& view,
                                                   std::uint64_t ingress, StageCounters& counters,
                                                   Time now) {
  const auto fragment = Fragment::read(view);
  if (!fragment) {
    counters.count_dropped(fragment.error());
    return std::nullopt;
  }
  const Key key{.ingress = ingress,
                .source = view.source(),
                .destination = view.destination(),
                .id = fragment->id,
                .protocol = view.is_v4() ? view.protocol() : std::uint8_t{0}};
  Waiting* found = packets_.find(key, now);
  Waiting& waiting = found != nullptr ? *found : begin(key, counters, now);
  Index before = kNone;
  const Fit how = waiting.is_contradicted ? Fit::contradicts : fit(waiting, *fragment, before);
  if (how == Fit::repeated) {
    counters.count_dropped(DropReason::fragment_repeated);
    return std::nullopt;
  }
  if (how == Fit::contradicts) {
    waiting.is_contradicted = true;
    counters.count_dropped(DropReason::fragment_overlap, release(waiting) + 1);
    return std::nullopt;
  }
  if (!make_room_for_piece(key, waiting, counters)) {
    counters.count_dropped(DropReason::reassembly_full);
    return std::nullopt;
  }
  waiting.ecn_seen |= static_cast<std::uint8_t>(1 << view.traffic_class() % 4);
  const auto header = static_cast<std::size_t>(fragment->bytes.data() - view.bytes().data());
  put(waiting, *fragment, std::move(piece), header, before);
  if (waiting.total == 0 || waiting.received < waiting.total) return std::nullopt;
  return complete(key, waiting, counters);
}

Reassembler::Waiting& Reassembler::begin(const Key& key, StageCounters& counters, Time now) {
  const auto share = static_cast<std::uint16_t>(
      hash_of(key.source, seed_ ^ key.ingress * 0x9e3779b97f4a7c15) % kShares);
  if (shares_[share].packets >= options_.packets_of_source) drop_oldest(share, nullptr, counters);
  if (packets_.size() >= options_.packets) drop_oldest(std::nullopt, nullptr, counters);
  ++shares_[share].packets;
  Waiting& waiting = packets_.insert(key, {}, now);
  waiting.share = share;
  return waiting;
}

// Where the piece belongs: behind `before`.
Reassembler::Fit Reassembler::fit(Waiting& waiting, const Fragment& fragment, Index& before) const {
  const std::size_t end = fragment.offset + fragment.bytes.size();
  if (waiting.total != 0 && (end > waiting.total || (end == waiting.total) == fragment.more)) {
    return Fit::contradicts;
  }
  if (waiting.last == kNone) return Fit::in;
  const Piece& last = pieces_[waiting.last];
  if (!fragment.more && waiting.total == 0 && last.end() >= end) return Fit::contradicts;
  Index behind = waiting.first;
  if (last.end() <= fragment.offset) {
    before = waiting.last;
    behind = kNone;
  }
  while (behind != kNone && pieces_[behind].end() <= fragment.offset) {
    before = behind;
    behind = pieces_[behind].next;
  }
  if (behind == kNone || end <= pieces_[behind].offset) return Fit::in;
  const Piece& there = pieces_[behind];
  const bool is_same = there.offset == fragment.offset && there.size == fragment.bytes.size() &&
                       std::ranges::equal(there.bytes(), fragment.bytes);
  return is_same ? Fit::repeated : Fit::contradicts;
}

bool Reassembler::make_room_for_piece(const Key& key, Waiting& waiting, StageCounters& counters) {
  const Share& share = shares_[waiting.share];
  bool has_room = waiting.pieces < options_.pieces_of_packet;
  while (has_room && share.pieces >= options_.pieces_of_source) {
    has_room = drop_oldest(waiting.share, &key, counters);
  }
  while (has_room && used_pieces_ >= options_.pieces) {
    has_room = drop_oldest(std::nullopt, &key, counters);
  }
  if (!has_room) forget(key, waiting, DropReason::reassembly_full, counters);
  return has_room;
}

void Reassembler::put(Waiting& waiting, const Fragment& fragment, Packet packet, std::size_t header,
                      Index before) {
  if (free_.empty()) {
    free_.push_back(static_cast<Index>(pieces_.size()));
    pieces_.emplace_back();
  }
  const Index index = free_.back();
  free_.pop_back();
  Piece& piece = pieces_[index];
  piece = {.packet = std::move(packet),
           .header = static_cast<std::uint16_t>(header),
           .size = static_cast<std::uint16_t>(fragment.bytes.size()),
           .offset = static_cast<std::uint32_t>(fragment.offset),
           .next = before == kNone ? waiting.first : pieces_[before].next};
  (before == kNone ? waiting.first : pieces_[before].next) = index;
  if (piece.next == kNone) waiting.last = index;
  ++waiting.pieces;
  ++shares_[waiting.share].pieces;
  ++used_pieces_;
  waiting.received += piece.size;
  if (!fragment.more) waiting.total = piece.end();
}

// All pieces are there, and none overlaps another.
std::optional<Reassembler::Whole> Reassembler::complete(const Key& key, Waiting& waiting,
                                                        StageCounters& counters) {
  // RFC 3168, 5.3: a router's mark on one piece is one on the packet; a mark on a piece beside one
  // that cannot be marked is an error.
  constexpr std::uint8_t kNotCapable = 1 << 0;
  constexpr std::uint8_t kMarked = 1 << 3;
  const bool is_marked = (waiting.ecn_seen & kMarked) != 0;
  if (is_marked && (waiting.ecn_seen & kNotCapable) != 0) {
    forget(key, waiting, DropReason::bad_fragment, counters);
    return std::nullopt;
  }
  const auto first = IpView::parse(std::as_const(pieces_[waiting.first].packet).bytes());
  auto packet = start_whole(pool_, *first, waiting.total);
  if (!packet) {
    forget(key, waiting, DropReason::no_buffer, counters);
    return std::nullopt;
  }
  if (is_marked) mark_congestion(packet->bytes());
  Whole whole{.packet = std::move(*packet), .pieces = waiting.pieces, .bytes = 0};
  std::uint8_t* out = whole.packet.bytes().last(waiting.total).data();
  for (Index i = waiting.first; i != kNone; i = pieces_[i].next) {
    const Piece& piece = pieces_[i];
    std::memcpy(out + piece.offset, piece.bytes().data(), piece.size);
    whole.bytes += piece.packet.size();
  }
  release(waiting);
  --shares_[waiting.share].packets;
  packets_.remove(key);
  return whole;
}

std::optional<Reassembler::Late> Reassembler::take_late(Time now) {
  if (now < next_deadline()) return std::nullopt;
  const auto [key, waiting] = packets_.oldest_if([](const Waiting&) { return true; });
  Late late{.ingress = key->ingress, .first = std::nullopt, .pieces = waiting->pieces};
  if (waiting->first != kNone && pieces_[waiting->first].offset == 0) {
    late.first = std::move(pieces_[waiting->first].packet);
  }
  release(*waiting);
  --shares_[waiting->share].packets;
  packets_.remove(*key);
  return late;
}

Time Reassembler::next_deadline() const {
  return packets_.size() == 0 ? kNever : packets_.oldest_use() + options_.timeout;
}

std::size_t Reassembler::release(Waiting& waiting) {
  for (Index i = waiting.first; i != kNone; i = pieces_[i].next) {
    pieces_[i].packet = Packet();
    free_.push_back(i);
  }
  const std::size_t pieces = std::exchange(waiting.pieces, 0);
  waiting.first = waiting.last = kNone;
  shares_[waiting.share].pieces -= pieces;
  used_pieces_ -= pieces;
  return pieces;
}

void Reassembler::forget(const Key& key, Waiting& waiting, DropReason why,
                         StageCounters& counters) {
  counters.count_dropped(why, release(waiting));
  --shares_[waiting.share].packets;
  packets_.remove(key);
}

bool Reassembler::drop_oldest(std::optional<std::uint16_t> share, const Key* not_this,
                              StageCounters& counters) {
  const Waiting* spared = not_this == nullptr ? nullptr : packets_.find(*not_this, Time{});
  const auto [key, waiting] = packets_.oldest_if([&](const Waiting& candidate) {
    return &candidate != spared && (!share || candidate.share == *share);
  });
  if (key == nullptr) return false;
  forget(*key, *waiting, DropReason::reassembly_full, counters);
  return true;
}

}  // namespace oneping
