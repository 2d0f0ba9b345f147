#include "wire/fragment.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/checksum.h"

namespace oneping {

namespace {

constexpr std::uint16_t kMoreV4 = 0x2000;
constexpr std::uint16_t kMoreV6 = 0x0001;
constexpr std::size_t kUnit = 8;

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

void set_length_v4(MutableBytes packet, std::size_t header_size, std::uint16_t flags_and_offset) {
  store_be16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  store_be16(&packet[6], flags_and_offset);
  store_be16(&packet[10], 0);
  store_be16(&packet[10], checksum(packet.first(header_size)));
}

void set_length_v6(MutableBytes packet) {
  store_be16(&packet[4], static_cast<std::uint16_t>(packet.size() - kIpv6HeaderSize));
}

// The field that names what follows an IPv6 packet's headers up to `size`: its own, or that of the
// hop-by-hop header.
std::uint8_t& next_header_before(MutableBytes packet, std::size_t size) {
  return packet[size == kIpv6HeaderSize ? 6 : kIpv6HeaderSize];
}

// Options of an IPv4 header that every piece has, padded (RFC 791, 3.1: the copied flag).
struct CopiedOptions {
  std::array<std::uint8_t, 40> bytes{};
  std::size_t size = 0;
};
CopiedOptions copied_options(Bytes options) {
  CopiedOptions copied;
  while (!options.empty() && options[0] != 0) {
    std::size_t size = 1;  // no operation
    if (options[0] != 1) {
      if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) break;
      size = options[1];
    }
    if ((options[0] & 0x80) != 0) {
      std::copy_n(options.begin(), size, &copied.bytes[copied.size]);
      copied.size += size;
    }
    options = options.subspan(size);
  }
  copied.size = (copied.size + 3) / 4 * 4;
  return copied;
}

}  // namespace

tl::expected<Fragment, DropReason> Fragment::read(const IpView& packet) {
  Fragment fragment;
  std::size_t before = 0;  // what counts in the length field and is not the piece
  if (packet.is_v4()) {
    const std::uint16_t field = load_be16(&packet.bytes()[6]);
    fragment = {.id = packet.label(),
                .offset = std::size_t{field} % kMoreV4 * kUnit,
                .more = (field & kMoreV4) != 0,
                .bytes = packet.payload()};
    before = packet.payload_offset();
  } else {
    const Bytes header = packet.payload();
    if (header.size() < kFragmentHeaderSize) return drop(DropReason::truncated);
    const std::uint16_t field = load_be16(&header[2]);
    fragment = {.id = load_be32(&header[4]),
                .offset = field & ~std::size_t{7},
                .more = (field & kMoreV6) != 0,
                .bytes = header.subspan(kFragmentHeaderSize)};
    before = packet.payload_offset() - kIpv6HeaderSize + kFragmentHeaderSize;
  }
  const std::size_t size = fragment.bytes.size();
  if (size == 0 || (fragment.more && size % kUnit != 0) ||
      before + fragment.offset + size > kMaxLengthField) {
    return drop(DropReason::bad_fragment);
  }
  return fragment;
}

std::optional<Packet> start_whole(PacketPool& pool, const IpView& first_piece, std::size_t size) {
  const std::size_t front =
      first_piece.payload_offset() + (first_piece.is_v4() ? 0 : kFragmentHeaderSize);
  auto packet = pool.allocate(front + size);
  if (!packet) return packet;
  std::memcpy(packet->data(), first_piece.bytes().data(), front);
  if (first_piece.is_v4()) {
    set_length_v4(packet->bytes(), front, 0);
  } else {
    set_length_v6(packet->bytes());
    store_be16(packet->data() + first_piece.payload_offset() + 2, 0);
  }
  return packet;
}

Fragmenter::Fragmenter(const IpView& packet, std::size_t mtu)
    : packet_(packet),
      headers_(packet.bytes().first(packet.is_v4() ? packet.payload_offset()
                                                   : packet.fragment_header_offset())),
      content_(packet.payload()) {
  const std::size_t front = headers_.size() + (packet.is_v4() ? 0 : kFragmentHeaderSize);
  step_ = mtu > front ? (mtu - front) / kUnit * kUnit : 0;
}

std::optional<Packet> Fragmenter::next(PacketPool& pool) {
  const Bytes rest = content_.subspan(offset_);
  const Bytes piece = rest.first(std::min(step_, rest.size()));
  const bool more = piece.size() < rest.size();
  auto packet = packet_.is_v4() ? next_v4(pool, piece, more) : next_v6(pool, piece, more);
  if (packet) offset_ += piece.size();
  return packet;
}

std::optional<Packet> Fragmenter::next_v4(PacketPool& pool, Bytes piece, bool more) const {
  const Bytes options = headers_.subspan(kIpv4HeaderSize);
  CopiedOptions kept;
  if (offset_ == 0) {
    std::ranges::copy(options, kept.bytes.begin());
    kept.size = options.size();
  } else {
    kept = copied_options(options);
  }
  const std::size_t header_size = kIpv4HeaderSize + kept.size;
  auto packet = pool.allocate(header_size + piece.size());
  if (!packet) return packet;
  std::uint8_t* out = packet->data();
  std::memcpy(out, headers_.data(), kIpv4HeaderSize);
  out[0] = static_cast<std::uint8_t>(0x40 | header_size / 4);
  std::copy_n(kept.bytes.begin(), kept.size, out + kIpv4HeaderSize);
  std::memcpy(out + header_size, piece.data(), piece.size());
  set_length_v4(packet->bytes(), header_size,
                static_cast<std::uint16_t>(offset_ / kUnit | (more ? kMoreV4 : 0)));
  return packet;
}

std::optional<Packet> Fragmenter::next_v6(PacketPool& pool, Bytes piece, bool more) const {
  const std::size_t front = headers_.size() + kFragmentHeaderSize;
  auto packet = pool.allocate(front + piece.size());
  if (!packet) return packet;
  std::uint8_t* out = packet->data();
  std::memcpy(out, packet_.bytes().data(), front);  // the fragment header with its id
  set_length_v6(packet->bytes());
  store_be16(out + headers_.size() + 2, static_cast<std::uint16_t>(offset_ | (more ? kMoreV6 : 0)));
  std::memcpy(out + front, piece.data(), piece.size());
  return packet;
}

void mark_congestion(MutableBytes packet) {
  if (packet[0] >> 4 == 6) {
    packet[1] |= 0x30;
    return;
  }
  const std::uint16_t before = load_be16(&packet[0]);
  packet[1] |= 0x03;
  store_be16(&packet[10], checksum_adjust(load_be16(&packet[10]), before, load_be16(&packet[0])));
}

std::optional<FragmentHeader> remove_fragment_header(Packet& packet) {
  const auto view = IpView::parse(packet.bytes());
  if (!view || view->is_v4() || view->dont_fragment()) return std::nullopt;
  const std::size_t size = view->fragment_header_offset();
  FragmentHeader header;
  std::copy_n(packet.data() + size, header.size(), header.begin());
  next_header_before(packet.bytes(), size) = header[0];
  std::memmove(packet.data() + header.size(), packet.data(), size);
  packet.remove_prefix(header.size());
  set_length_v6(packet.bytes());
  return header;
}

void put_fragment_header_back(Packet& packet, const FragmentHeader& header) {
  const std::size_t size = IpView::parse(packet.bytes())->payload_offset();
  packet.prepend(header.size());
  std::memmove(packet.data(), packet.data() + header.size(), size);
  std::ranges::copy(header, packet.data() + size);
  next_header_before(packet.bytes(), size) = kProtocolFragment;
  set_length_v6(packet.bytes());
}

}  // namespace oneping
