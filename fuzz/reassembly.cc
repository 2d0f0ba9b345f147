// Fuzzes putting packets together: whatever pieces come in whatever order, every one is counted,
// the bounds hold, and what comes out is a sound packet that, cut again, makes the same one.
//
// Input: records of 8 bytes, each a piece: family and source, id, offset in units of 8 bytes with
// the more flag, size, what it is filled with, traffic class, how much time passes.
#include <algorithm>
#include <vector>

#include "flow/reassembler.h"
#include "fuzz/require.h"

namespace {

using namespace oneping;

constexpr std::size_t kRecord = 8;
constexpr Reassembler::Options kOptions{.packets = 8,
                                        .pieces = 40,
                                        .pieces_of_packet = 16,
                                        .packets_of_source = 4,
                                        .pieces_of_source = 20};

class World {
 public:
  void add(const std::uint8_t* record) {
    now_ += std::chrono::milliseconds(record[7] * 16);
    const bool v4 = (record[0] & 1) != 0;
    const std::size_t size = record[4] == 255 ? 1400 : record[4];
    const std::uint16_t place = load_be16(&record[2]);
    auto packet = piece(v4, record[0] >> 1 & 3, record[1], place, size, record[5], record[6]);
    const auto view = IpView::parse(packet.bytes());
    if (!view || !view->is_fragment()) return;
    counters_.count_in();
    if (const auto whole =
            reassembler_.add(std::move(packet), *view, record[0] >> 3 & 1, counters_, now_)) {
      check(*whole);
    }
    check_bounds();
  }

  void end() {
    now_ += std::chrono::hours(1);
    while (const auto late = reassembler_.take_late(now_)) {
      counters_.count_dropped(DropReason::reassembly_timeout, late->pieces);
    }
    check_bounds();
    require(reassembler_.waiting_packets() == 0 && counters_.held() == 0 && pool_.in_use() == 0);
  }

 private:
  Packet piece(bool v4, unsigned source, unsigned id, std::uint16_t place, std::size_t size,
               std::uint8_t fill, std::uint8_t traffic_class) {
    IpHeader header{.source = IpAddress::v4(0x64600001 + source),
                    .destination = IpAddress::v4(0xac100a78),
                    .protocol = kProtocolIcmp,
                    .traffic_class = traffic_class,
                    .label = id};
    if (!v4) {
      auto bytes = header.source.bytes();
      bytes[10] = 0;
      header.source = IpAddress::from_v6(bytes.data());
      bytes[15] ^= 0x80;
      header.destination = IpAddress::from_v6(bytes.data());
      header.protocol = kProtocolIcmpv6;
      header.fragment_id = id;
    }
    const std::size_t front = ip_header_size(header);
    auto packet = *pool_.allocate(front + size);
    write_ip_header(header, size, packet.bytes().first(front));
    std::fill_n(packet.data() + front, size, fill);
    if (v4) {  // offset and flag, and the checksum that goes with them
      store_be16(packet.data() + 6, static_cast<std::uint16_t>(place % 0x2000 | (place & 0x2000)));
      store_be16(packet.data() + 10, 0);
      store_be16(packet.data() + 10, checksum_of(packet.bytes().first(kIpv4HeaderSize)));
    } else {
      const std::uint16_t offset = static_cast<std::uint16_t>(place << 3);
      store_be16(packet.data() + kIpv6HeaderSize + 2,
                 static_cast<std::uint16_t>(offset | ((place & 0x2000) != 0 ? 1 : 0)));
    }
    return packet;
  }

  static std::uint16_t checksum_of(Bytes header) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < header.size(); i += 2) sum += load_be16(&header[i]);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
  }

  void check(const Reassembler::Whole& whole) {
    counters_.count_forwarded(whole.pieces);
    require(whole.pieces >= 2);
    const auto view = IpView::parse(whole.packet.bytes());
    require(view && !view->is_fragment() && view->bytes().size() == whole.packet.size());
    require(may_be_cut(*view));

    Reassembler again(Reassembler::Options{}, pool_, 2);
    StageCounters ignored;
    Fragmenter fragmenter(*view, 600);
    std::optional<Reassembler::Whole> joined;
    while (!fragmenter.is_done()) {
      require(!joined);
      auto piece = fragmenter.next(pool_);
      require(piece && piece->size() <= 600);
      const auto piece_view = IpView::parse(piece->bytes());
      require(piece_view.has_value());
      if (!piece_view->is_fragment()) return;  // it fits whole
      joined = again.add(std::move(*piece), *piece_view, 0, ignored, now_);
    }
    if (!joined) {  // more pieces than one packet may have
      require(whole.packet.size() > 127 * 500);
      return;
    }
    require(std::ranges::equal(joined->packet.bytes(), whole.packet.bytes()));
  }

  void check_bounds() const {
    require(counters_.held() == reassembler_.waiting_pieces());
    require(reassembler_.waiting_packets() <= kOptions.packets);
    require(reassembler_.waiting_pieces() <= kOptions.pieces);
    require(pool_.in_use() == reassembler_.waiting_pieces());
  }

  PacketPool pool_{{.max_packet_size = 1500,
                    .max_packets = 300,
                    .max_large_packets = PacketPool::kLargePackets}};
  Reassembler reassembler_{kOptions, pool_, 1};
  StageCounters counters_;
  Time now_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  for (std::size_t at = 0; at + kRecord <= size && at < 512 * kRecord; at += kRecord) {
    world.add(data + at);
  }
  world.end();
  return 0;
}
