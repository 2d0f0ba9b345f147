#include "wire/ip.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"

namespace oneping {

namespace {
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kFragmentOffset = 0x1fff;
constexpr std::uint16_t kFragmentOffsetV6 = 0xfff8;
constexpr std::uint16_t kMoreFragmentsV6 = 0x0001;
constexpr std::uint32_t kFlowLabel = 0xfffff;

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

void add_to_hop_limit(MutableBytes packet, int change) {
  if (packet[0] >> 4 == 6) {
    packet[7] = static_cast<std::uint8_t>(packet[7] + change);
    return;
  }
  const std::uint16_t before = load_be16(&packet[8]);
  packet[8] = static_cast<std::uint8_t>(packet[8] + change);
  const std::uint16_t after = load_be16(&packet[8]);
  store_be16(&packet[10], checksum_adjust(load_be16(&packet[10]), before, after));
}
}  // namespace

tl::expected<IpView, DropReason> IpView::parse(Bytes bytes) {
  if (bytes.empty()) return drop(DropReason::truncated);
  switch (bytes[0] >> 4) {
    case 4: return parse_v4(bytes, Strictness::whole);
    case 6: return parse_v6(bytes, Strictness::whole);
  }
  return drop(DropReason::bad_version);
}

tl::expected<IpView, DropReason> IpView::parse_quoted(Bytes bytes) {
  if (bytes.empty()) return drop(DropReason::truncated);
  switch (bytes[0] >> 4) {
    case 4: return parse_v4(bytes, Strictness::quoted);
    case 6: return parse_v6(bytes, Strictness::quoted);
  }
  return drop(DropReason::bad_version);
}

tl::expected<IpView, DropReason> IpView::parse_v4(Bytes bytes, Strictness strictness) {
  if (bytes.size() < kIpv4HeaderSize) return drop(DropReason::truncated);
  const std::size_t header_size = std::size_t{bytes[0]} % 16 * 4;
  if (header_size < kIpv4HeaderSize) return drop(DropReason::bad_header_length);
  if (header_size > bytes.size()) return drop(DropReason::bad_header_length);
  const std::size_t total = load_be16(&bytes[2]);
  if (total < header_size) return drop(DropReason::bad_total_length);
  if (strictness == Strictness::whole) {
    if (total > bytes.size()) return drop(DropReason::truncated);
    if (checksum(bytes.first(header_size)) != 0) return drop(DropReason::bad_ip_checksum);
  }
  IpView view;
  view.family_ = IpFamily::v4;
  view.bytes_ = bytes.first(std::min(total, bytes.size()));
  view.payload_offset_ = header_size;
  view.protocol_ = bytes[9];
  view.source_ = IpAddress::from_v4(&bytes[12]);
  view.destination_ = IpAddress::from_v4(&bytes[16]);
  return view;
}

tl::expected<IpView, DropReason> IpView::parse_v6(Bytes bytes, Strictness strictness) {
  if (bytes.size() < kIpv6HeaderSize) return drop(DropReason::truncated);
  const std::size_t total = kIpv6HeaderSize + load_be16(&bytes[4]);
  if (total > bytes.size() && strictness == Strictness::whole) return drop(DropReason::truncated);
  IpView view;
  view.family_ = IpFamily::v6;
  view.bytes_ = bytes.first(std::min(total, bytes.size()));
  view.payload_offset_ = kIpv6HeaderSize;
  view.protocol_ = bytes[6];
  view.source_ = IpAddress::from_v6(&bytes[8]);
  view.destination_ = IpAddress::from_v6(&bytes[24]);
  // An IPv4-mapped address is never on the wire (RFC 4291, 2.5.5.2), and for IpAddress it would be
  // of the other family than the packet.
  if (view.source_.is_v4()) return drop(DropReason::source_refused);
  if (view.destination_.is_v4()) return drop(DropReason::destination_refused);
  // Hop-by-hop comes first and at most once (RFC 8200, 4.1).
  if (view.protocol_ == kProtocolHopByHop) {
    const Bytes rest = view.payload();
    if (rest.size() < 8) return drop(DropReason::truncated);
    const std::size_t size = (std::size_t{rest[1]} + 1) * 8;
    if (size > rest.size()) return drop(DropReason::truncated);
    view.protocol_ = rest[0];
    view.payload_offset_ += size;
  }
  if (view.protocol_ == kProtocolFragment) view.step_over_atomic_fragment();
  return view;
}

void IpView::step_over_atomic_fragment() {
  const Bytes rest = payload();
  if (rest.size() < 8 || (load_be16(&rest[2]) & (kFragmentOffsetV6 | kMoreFragmentsV6)) != 0) {
    return;
  }
  fragment_header_offset_ = payload_offset_;
  protocol_ = rest[0];
  payload_offset_ += 8;
}

std::uint8_t IpView::hop_limit() const { return bytes_[is_v4() ? 8 : 7]; }

std::uint8_t IpView::traffic_class() const {
  return is_v4() ? bytes_[1] : static_cast<std::uint8_t>(load_be16(&bytes_[0]) >> 4);
}

std::uint32_t IpView::label() const {
  return is_v4() ? load_be16(&bytes_[4]) : load_be32(&bytes_[0]) & kFlowLabel;
}

bool IpView::dont_fragment() const {
  if (!is_v4()) return fragment_header_offset_ == 0;
  return (load_be16(&bytes_[6]) & kDontFragment) != 0;
}

bool IpView::is_fragment() const {
  if (is_v4()) return (load_be16(&bytes_[6]) & (kMoreFragments | kFragmentOffset)) != 0;
  return protocol_ == kProtocolFragment;
}

bool IpView::is_later_fragment() const {
  if (is_v4()) return (load_be16(&bytes_[6]) & kFragmentOffset) != 0;
  return protocol_ == kProtocolFragment &&
         (payload().size() < 4 || load_be16(&payload()[2]) >> 3 != 0);
}

DropReason why_not_read(const IpView& packet) {
  if (packet.is_v4()) return DropReason::other_protocol;
  switch (packet.protocol()) {
    case kProtocolFragment: return DropReason::fragment;
    case kProtocolRouting:
    case kProtocolDestinationOptions:
    case kProtocolAuthentication:
    case kProtocolMobility:
    case kProtocolHip:
    case kProtocolShim6: return DropReason::extension_header;
  }
  return DropReason::other_protocol;
}

void decrement_hop_limit(MutableBytes packet) { add_to_hop_limit(packet, -1); }

void increment_hop_limit(MutableBytes packet) { add_to_hop_limit(packet, +1); }

void write_ip_header(const IpHeader& header, std::size_t payload_size, MutableBytes out) {
  const auto source = header.source.network_bytes();
  const auto destination = header.destination.network_bytes();
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  if (header.source.is_v4()) {
    out[0] = 0x45;
    out[1] = header.traffic_class;
    store_be16(&out[2], static_cast<std::uint16_t>(kIpv4HeaderSize + payload_size));
    store_be16(&out[4], static_cast<std::uint16_t>(header.label));
    store_be16(&out[6], header.dont_fragment ? kDontFragment : 0);
    out[8] = header.hop_limit;
    out[9] = header.protocol;
    std::copy(source.begin(), source.end(), &out[12]);
    std::copy(destination.begin(), destination.end(), &out[16]);
    store_be16(&out[10], checksum(out.first(kIpv4HeaderSize)));
    return;
  }
  store_be32(&out[0], std::uint32_t{6} << 28 | std::uint32_t{header.traffic_class} << 20 |
                          (header.label & kFlowLabel));
  const std::size_t extension = out.size() - kIpv6HeaderSize;
  store_be16(&out[4], static_cast<std::uint16_t>(extension + payload_size));
  out[6] = header.fragment_id ? kProtocolFragment : header.protocol;
  out[7] = header.hop_limit;
  std::copy(source.begin(), source.end(), &out[8]);
  std::copy(destination.begin(), destination.end(), &out[24]);
  if (!header.fragment_id) return;
  out[kIpv6HeaderSize] = header.protocol;
  store_be32(&out[kIpv6HeaderSize + 4], *header.fragment_id);
}

}  // namespace oneping
