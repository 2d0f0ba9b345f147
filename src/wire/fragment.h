// Packets in pieces (RFC 791, 3.2; RFC 8200, 4.5): reading a piece, writing what pieces make, and
// cutting a packet.
//
// An IPv6 packet says nowhere that it may be sent in pieces: only its source may cut it. One that
// came in pieces is therefore kept with a fragment header that says that it is whole (an atomic
// fragment, RFC 6946), by which the next hop knows that it may be cut again. IPv4 has DF for that;
// what came in pieces has none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/packet.h"
#include "wire/ip.h"

namespace oneping {

inline constexpr std::size_t kFragmentHeaderSize = 8;  // IPv6
// No packet is longer: IPv4's total length, IPv6's payload length.
inline constexpr std::size_t kMaxLengthField = 65535;

struct Fragment {
  std::uint32_t id = 0;    // the same for all pieces
  std::size_t offset = 0;  // in bytes
  bool more = false;       // it is not the last
  Bytes bytes;             // the piece

  // Of a packet that is_fragment(). Fails with truncated, or with bad_fragment for one that no
  // whole packet can be made of: empty, of no multiple of 8 bytes though not the last, or one that
  // would end beyond the largest packet.
  [[nodiscard]] static tl::expected<Fragment, DropReason> read(const IpView& packet);
};

// A packet for `size` bytes of pieces, with its headers as the first piece has them. The caller
// fills its last `size` bytes. Nothing if the pool has no buffer.
[[nodiscard]] std::optional<Packet> start_whole(PacketPool& pool, const IpView& first_piece,
                                                std::size_t size);

// Whether a packet that does not fit may be cut: IPv4 without DF, IPv6 with a fragment header.
[[nodiscard]] inline bool may_be_cut(const IpView& packet) { return !packet.dont_fragment(); }

// Cuts a packet that may_be_cut() into pieces of at most `mtu` bytes. The packet must stay while
// this is used.
class Fragmenter {
 public:
  Fragmenter(const IpView& packet, std::size_t mtu);

  // Whether `mtu` leaves room for anything behind the headers.
  [[nodiscard]] bool is_possible() const { return step_ > 0; }
  [[nodiscard]] bool is_done() const { return offset_ == content_.size(); }
  // The next piece. Nothing if the pool has no buffer.
  [[nodiscard]] std::optional<Packet> next(PacketPool& pool);

 private:
  [[nodiscard]] std::optional<Packet> next_v4(PacketPool& pool, Bytes piece, bool more) const;
  [[nodiscard]] std::optional<Packet> next_v6(PacketPool& pool, Bytes piece, bool more) const;

  const IpView& packet_;
  Bytes headers_;  // in front of every piece, but for IPv4 options that only the first one has
  Bytes content_;
  std::size_t step_;  // bytes in each piece but the last
  std::size_t offset_ = 0;
};

// A router on the way of a piece has marked it (RFC 3168, 5): so is the whole.
void mark_congestion(MutableBytes packet);

// Takes an atomic fragment's header away, for who does not know it, and gives it back. Leaves other
// packets alone.
using FragmentHeader = std::array<std::uint8_t, kFragmentHeaderSize>;
std::optional<FragmentHeader> remove_fragment_header(Packet& packet);
void put_fragment_header_back(Packet& packet, const FragmentHeader& header);

}  // namespace oneping
