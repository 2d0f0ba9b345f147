// A user's machine: sends echo requests into the edge and keeps what comes back.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "flow/reassembler.h"
#include "forward/link.h"
#include "wire/icmp.h"

namespace oneping::sim {

struct Received {
  IpAddress source;
  std::uint8_t hop_limit;
  std::uint8_t type;
  std::uint8_t code;
  EchoIdentity identity;  // of the reply, or of the request that the error quotes
  std::size_t mtu = 0;    // as Packet Too Big says it
  std::vector<std::uint8_t> payload;
};

class Client final : public Link {
 public:
  explicit Client(const char* text) : address(IpAddress::parse(text).value()) {}

  // Everything that arrives must be a sound packet to this client; an error quotes his own request.
  // Pieces are put together first, as by a host.
  std::optional<DropReason> send(Packet& packet, Time now) override {
    const Packet taken = whole_of(std::move(packet), now);
    if (!taken) return std::nullopt;
    const auto ip = IpView::parse(taken.bytes()).value();
    EXPECT_EQ(ip.destination(), address);
    const auto icmp = IcmpView::parse(ip).value();
    Received got{.source = ip.source(),
                 .hop_limit = ip.hop_limit(),
                 .type = icmp.type,
                 .code = icmp.code,
                 .identity = {icmp.id, icmp.sequence},
                 .mtu = icmp.sequence,
                 .payload = {icmp.payload.begin(), icmp.payload.end()}};
    if (icmp.kind == IcmpKind::error) {
      const auto quoted = quoted_echo_request(ip, icmp).value();
      EXPECT_EQ(quoted.source, address);
      got.identity = quoted.identity;
      expect_quotes_what_was_sent(quoted.identity, icmp.payload);
      errors.push_back(got);
    } else {
      EXPECT_EQ(icmp.kind, IcmpKind::echo_reply);
      replies.push_back(got);
    }
    return std::nullopt;
  }
  std::size_t max_packet_size() const override { return 1500; }

  [[nodiscard]] Packet request(PacketPool& pool, const IpAddress& to, EchoIdentity identity,
                               std::uint8_t hop_limit = 64,
                               const std::vector<std::uint8_t>& payload = default_payload()) const {
    const IpHeader header{.source = address,
                          .destination = to,
                          .hop_limit = hop_limit,
                          .traffic_class = 0,
                          .dont_fragment = true};
    Packet packet = make_echo(pool, EchoType::request, header, identity, payload).value();
    sent_[identity] = without_hop_limit(packet.bytes());
    return packet;
  }
  // One that may be sent in pieces, as this host's link takes it.
  [[nodiscard]] std::vector<Packet> request_in_pieces(PacketPool& pool, const IpAddress& to,
                                                      EchoIdentity identity,
                                                      const std::vector<std::uint8_t>& payload,
                                                      std::uint8_t hop_limit = 64) const {
    IpHeader header{.source = address, .destination = to, .hop_limit = hop_limit};
    const std::uint32_t id = ++identification_;
    if (address.is_v4()) {
      header.label = id & 0xffff;
    } else {
      header.fragment_id = id;
    }
    const Packet whole = make_echo(pool, EchoType::request, header, identity, payload).value();
    header.fragment_id.reset();
    const Packet plain = make_echo(pool, EchoType::request, header, identity, payload).value();
    sent_[identity] = without_hop_limit(plain.bytes());
    std::vector<Packet> pieces;
    const auto view = IpView::parse(whole.bytes());
    for (Fragmenter fragmenter(*view, max_packet_size()); !fragmenter.is_done();) {
      pieces.push_back(fragmenter.next(pool).value());
    }
    return pieces;
  }
  static std::vector<std::uint8_t> default_payload() {
    std::vector<std::uint8_t> bytes(56);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
  }

  IpAddress address;
  std::int64_t device = 1;
  std::vector<Received> replies;
  std::vector<Received> errors;

 private:
  // The packet, or nothing as long as pieces of it are missing.
  Packet whole_of(Packet packet, Time now) {
    EXPECT_LE(packet.size(), max_packet_size());
    const auto view = IpView::parse(packet.bytes());
    if (!view || !view->is_fragment()) return packet;
    auto whole = reassembler_.add(std::move(packet), *view, 0, pieces_, now);
    return whole ? std::move(whole->packet) : Packet();
  }

  // Which changes on the way, and with it the checksum of an IPv4 header.
  static std::vector<std::uint8_t> without_hop_limit(Bytes bytes) {
    std::vector<std::uint8_t> packet(bytes.begin(), bytes.end());
    const bool v4 = packet[0] >> 4 == 4;
    packet[v4 ? 8 : 7] = 0;
    if (v4) packet[10] = packet[11] = 0;
    return packet;
  }

  void expect_quotes_what_was_sent(const EchoIdentity& identity, Bytes quote) const {
    // Our own hops quote what came in: a piece, or an IPv6 packet with a fragment header.
    const auto ip = IpView::parse_quoted(quote);
    if (ip->is_fragment() || (!ip->is_v4() && !ip->dont_fragment())) return;
    const auto found = sent_.find(identity);
    if (found == sent_.end()) return;  // made elsewhere
    const auto& packet = found->second;
    const std::size_t size = std::min(packet.size(), quote.size());  // extensions lie behind
    EXPECT_EQ(without_hop_limit(quote.first(size)),
              std::vector(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
  }

  mutable std::map<EchoIdentity, std::vector<std::uint8_t>> sent_;
  mutable std::uint32_t identification_ = 0;
  PacketPool pool_;
  Reassembler reassembler_{{}, pool_, 1};
  StageCounters pieces_;
};

}  // namespace oneping::sim
