// Puts the pieces of IP packets together.
//
// Pieces wait as they came until all of theirs are there, so that half packets cost what was sent
// of them and no more. A packet whose pieces overlap is given up with all of them, those that are
// still to come too (RFC 5722; RFC 8200, 4.5; IPv4 is treated alike); a piece that comes twice is
// dropped alone.
//
// Bounded in packets, pieces and time. Each source has a share: at its bound it loses the oldest of
// its own, so that who sends halves only, by mistake or malice, hurts himself. When there are more
// sources than shares, the oldest of all makes way.
//
// The pool must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "flow/flow_table.h"
#include "wire/fragment.h"

namespace oneping {

class Reassembler {
 public:
  struct Options {
    std::size_t packets = 512;           // that are not whole yet
    std::size_t pieces = 4096;           // of all of them: 8 MiB of buffers
    std::size_t pieces_of_packet = 128;  // 65535 bytes over links of 576
    std::size_t packets_of_source = 128;
    std::size_t pieces_of_source = 1024;  // 22 packets of 65535 bytes over links of 1500
    // From the first piece that came. RFC 791, 3.2: 15 s to begin with; RFC 8200, 4.5: 60 s at
    // most.
    Duration timeout = std::chrono::seconds(15);
  };

  struct Whole {
    Packet packet;
    std::size_t pieces;  // that it came in
    std::size_t bytes;   // of all of them
  };
  // A packet whose time was up.
  struct Late {
    std::uint64_t ingress;
    std::optional<Packet> first;  // its first piece, if that had come
    std::size_t pieces;
  };

  Reassembler(const Options& options, PacketPool& pool, std::uint64_t seed);

  // Takes a piece, `view` of which is_fragment(). `ingress` says where it came in: pieces of
  // different ways do not belong together. The packet, when this was the last that it waited for.
  // Pieces that are dropped, this one or those that make way, are counted in `counters`.
  [[nodiscard]] std::optional<Whole> add(Packet piece, const IpView& view, std::uint64_t ingress,
                                         StageCounters& counters, Time now);

  // The next packet whose time is up: call again until there is none. The caller counts its pieces.
  [[nodiscard]] std::optional<Late> take_late(Time now);
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] std::size_t waiting_packets() const { return packets_.size(); }
  [[nodiscard]] std::size_t waiting_pieces() const { return used_pieces_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};
  static constexpr std::size_t kShares = 1024;  // sources are told apart by a seeded hash

  struct Key {
    std::uint64_t ingress = 0;
    IpAddress source;
    IpAddress destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;  // IPv4 only
    friend bool operator==(const Key&, const Key&) = default;
    friend std::size_t hash_of(const Key& key, std::uint64_t seed) {
      const std::uint64_t numbers = key.ingress ^ std::uint64_t{key.id} << 8 ^ key.protocol;
      return oneping::hash_of(key.source, oneping::hash_of(key.destination, seed ^ numbers));
    }
  };

  struct Piece {
    Packet packet;
    std::uint16_t header = 0;  // bytes in front of what it brings
    std::uint16_t size = 0;
    std::uint32_t offset = 0;
    Index next = kNone;
    [[nodiscard]] std::size_t end() const { return offset + std::size_t{size}; }
    [[nodiscard]] Bytes bytes() const { return packet.bytes().subspan(header, size); }
  };

  struct Waiting {
    Index first = kNone;  // pieces in the order of their offsets
    Index last = kNone;
    std::size_t pieces = 0;
    std::size_t total = 0;     // bytes of the whole; 0 until the last piece has come
    std::size_t received = 0;  // of them
    std::uint16_t share = 0;
    std::uint8_t ecn_seen = 0;     // a bit for each of the four values
    bool is_contradicted = false;  // pieces overlapped: nothing can come of it any more
  };
  struct Share {
    std::size_t packets = 0;
    std::size_t pieces = 0;
  };

  enum class Fit : std::uint8_t { in, repeated, contradicts };
  [[nodiscard]] Fit fit(Waiting& waiting, const Fragment& fragment, Index& before) const;
  void put(Waiting& waiting, const Fragment& fragment, Packet packet, std::size_t header,
           Index before);
  [[nodiscard]] Waiting& begin(const Key& key, StageCounters& counters, Time now);
  bool make_room_for_piece(const Key& key, Waiting& waiting, StageCounters& counters);
  [[nodiscard]] std::optional<Whole> complete(const Key& key, Waiting& waiting,
                                              StageCounters& counters);

  // Lets go of the pieces; how many there were.
  std::size_t release(Waiting& waiting);
  void forget(const Key& key, Waiting& waiting, DropReason why, StageCounters& counters);
  // The oldest packet of that share but `not_this`, or of all, is dropped. False if there is none.
  bool drop_oldest(std::optional<std::uint16_t> share, const Key* not_this,
                   StageCounters& counters);

  Options options_;
  PacketPool& pool_;
  std::uint64_t seed_;
  FlowTable<Key, Waiting> packets_;  // in the order in which they began
  std::vector<Piece> pieces_;
  std::vector<Index> free_;
  std::size_t used_pieces_ = 0;
  std::array<Share, kShares> shares_{};
};

}  // namespace oneping
