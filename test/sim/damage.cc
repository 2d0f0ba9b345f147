#include "test/sim/damage.h"

#include "flow/reassembler.h"
#include "wire/checksum.h"
#include "wire/ip.h"

namespace oneping::sim {

namespace {

using enum DropReason;

// What becomes of pieces that never make a packet; those that wait for others are given up.
const std::vector<DropReason> kOfPieces = {bad_fragment, fragment_repeated, fragment_overlap,
                                           reassembly_full, reassembly_timeout};
constexpr Duration kPiecesWait = Reassembler::Options{}.timeout + std::chrono::seconds(1);

void fix_ip_checksum(ByteVector& packet) {
  packet[10] = packet[11] = 0;
  const std::size_t header = std::size_t{packet[0]} % 16 * 4;
  store_be16(&packet[10], checksum(Bytes(packet).first(std::min(header, packet.size()))));
}

std::vector<DamageKind> v4_damage() {
  return {
      {"wrong version",
       [](ByteVector& p, Random& r) {
         const std::uint8_t versions[] = {0, 1, 2, 3, 5, 7, 8, 15};
         p[0] = static_cast<std::uint8_t>(versions[r.below(8)] << 4 | (p[0] & 15));
       },
       {bad_version}},
      {"header length below 5 or past the end",
       [](ByteVector& p, Random& r) {
         if (r.below(2) != 0) {
           p[0] = static_cast<std::uint8_t>(0x40 | r.below(5));
         } else {
           p.resize(30);
           p[0] = 0x4f;
         }
       },
       {bad_header_length}},
      {"total length below the header's",
       [](ByteVector& p, Random& r) {
         store_be16(&p[2], static_cast<std::uint16_t>(r.below(20)));
         fix_ip_checksum(p);
       },
       {bad_total_length}},
      {"total length past the end",
       [](ByteVector& p, Random& r) {
         store_be16(&p[2], static_cast<std::uint16_t>(p.size() + 1 + r.below(60000)));
         fix_ip_checksum(p);
       },
       {truncated}},
      {"bad header checksum",
       [](ByteVector& p, Random& r) {
         p[10] = static_cast<std::uint8_t>(p[10] ^ (1 + r.below(255)));
       },
       {bad_ip_checksum}},
      {"fragment",
       [](ByteVector& p, Random& r) {
         store_be16(&p[6], static_cast<std::uint16_t>(1 + r.below(0x3fff)));
         fix_ip_checksum(p);
       },
       kOfPieces, kPiecesWait},
      {"options past the end",
       [](ByteVector& p, Random& r) {
         p[0] = static_cast<std::uint8_t>(0x46 + r.below(10));
         p.resize(20 + r.below(4));
         store_be16(&p[2], static_cast<std::uint16_t>(p.size()));
       },
       {bad_header_length}},
      {"other protocol",
       [](ByteVector& p, Random& r) {
         do {
           p[9] = static_cast<std::uint8_t>(2 + r.below(250));
         } while (p[9] == kProtocolUdp);
         fix_ip_checksum(p);
       },
       {other_protocol}},
  };
}

std::vector<DamageKind> v6_damage() {
  return {
      {"wrong version",
       [](ByteVector& p, Random& r) {
         const std::uint8_t versions[] = {0, 1, 2, 3, 5, 7, 8, 15};
         p[0] = static_cast<std::uint8_t>(versions[r.below(8)] << 4 | (p[0] & 15));
       },
       {bad_version}},
      {"payload length past the end",
       [](ByteVector& p, Random& r) {
         store_be16(&p[4], static_cast<std::uint16_t>(p.size() - 40 + 1 + r.below(60000)));
       },
       {truncated}},
      {"fragment header", [](ByteVector& p, Random&) { p[6] = 44; }, kOfPieces, kPiecesWait},
      {"other next header",
       [](ByteVector& p, Random& r) { p[6] = static_cast<std::uint8_t>(59 + r.below(196)); },
       {other_protocol, extension_header}},
      {"hop-by-hop past the end",
       [](ByteVector& p, Random& r) {
         p[6] = 0;
         p.resize(40 + r.below(8));
         store_be16(&p[4], static_cast<std::uint16_t>(p.size() - 40));
       },
       {truncated}},
  };
}

}  // namespace

std::vector<DamageKind> packet_damage(bool v4) {
  auto kinds = v4 ? v4_damage() : v6_damage();
  const std::size_t header = v4 ? kIpv4HeaderSize : kIpv6HeaderSize;
  kinds.push_back({"cut short",
                   [](ByteVector& p, Random& r) { p.resize(1 + r.below(p.size() - 1)); },
                   {truncated, malformed_datagram}});
  kinds.push_back({"bad ICMP checksum",
                   [header](ByteVector& p, Random& r) {
                     p[header + 2] = static_cast<std::uint8_t>(p[header + 2] ^ (1 + r.below(255)));
                   },
                   {bad_icmp_checksum}});
  kinds.push_back({"shorter than an ICMP header",
                   [v4, header](ByteVector& p, Random& r) {
                     p.resize(header + r.below(8));
                     if (v4) {
                       store_be16(&p[2], static_cast<std::uint16_t>(p.size()));
                       fix_ip_checksum(p);
                     } else {
                       store_be16(&p[4], static_cast<std::uint16_t>(p.size() - 40));
                     }
                   },
                   {truncated}});
  kinds.push_back({"unknown ICMP type",
                   [header](ByteVector& p, Random& r) {
                     // The checksum is kept right: type and code share its first word.
                     const std::uint16_t before = load_be16(&p[header]);
                     p[header] = static_cast<std::uint8_t>(200 + r.below(50));
                     store_be16(&p[header + 2], checksum_adjust(load_be16(&p[header + 2]), before,
                                                                load_be16(&p[header])));
                   },
                   {not_echo_request, not_reply_or_error}});
  return kinds;
}

ByteVector broken_datagram(tunnel::DatagramVersion version, Random& random) {
  ByteVector bytes(random.below(64));
  random.fill(bytes);
  if (bytes.empty()) return bytes;
  // Any type but those that carry something: up to 2 behind in v2, up to 3 in front in v3.
  const auto type = static_cast<std::uint8_t>(4 + random.below(252));
  (version == tunnel::DatagramVersion::v2 ? bytes.back() : bytes.front()) = type;
  return bytes;
}

}  // namespace oneping::sim
