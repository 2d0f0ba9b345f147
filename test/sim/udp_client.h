// A user's machine that speaks UDP: sends packets into the edge and keeps what comes back.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "flow/reassembler.h"
#include "forward/link.h"
#include "test/support/slow_checksum.h"
#include "wire/udp.h"

namespace oneping::sim {

class UdpClient final : public Link {
 public:
  using Payload = std::vector<std::uint8_t>;

  explicit UdpClient(const char* text) : address(IpAddress::parse(text).value()) {}

  bool sends_pieces = false;

  struct Received {
    SocketAddress source;
    std::uint16_t port;  // his own
    std::uint8_t hop_limit;
    Payload payload;
  };
  struct Error {
    IpAddress source;
    std::uint8_t type;
    std::uint8_t code;
    std::uint32_t rest;  // bytes 4 to 8
    std::uint16_t port;  // his own
    SocketAddress about;
  };

  // Everything that arrives must be a sound packet to this client; an error quotes his own packet,
  // as he sent it but for its hop limit. Pieces are put together first, as by a host.
  std::optional<DropReason> send(Packet& packet, Time now) override {
    const Packet taken = whole_of(std::move(packet), now);
    if (!taken) return std::nullopt;
    const auto ip = IpView::parse(taken.bytes()).value();
    EXPECT_EQ(ip.destination(), address);
    if (const auto udp = UdpView::parse(ip)) {
      EXPECT_TRUE(test::udp_packet_checksums_right(taken.bytes()));
      received.push_back({{ip.source(), udp->ports.source},
                          udp->ports.destination,
                          ip.hop_limit(),
                          {udp->payload.begin(), udp->payload.end()}});
      return std::nullopt;
    }
    EXPECT_TRUE(test::icmp_packet_checksums_right(taken.bytes()));
    const auto icmp = IcmpView::parse(ip).value();
    EXPECT_EQ(icmp.kind, IcmpKind::error);
    const auto quoted = quoted_udp(ip, icmp).value();
    EXPECT_EQ(quoted.source.address, address);
    expect_quotes_what_was_sent({quoted.source.port, quoted.destination}, icmp.payload);
    errors.push_back({ip.source(), icmp.type, icmp.code, load_be32(&ip.payload()[4]),
                      quoted.source.port, quoted.destination});
    return std::nullopt;
  }
  [[nodiscard]] std::size_t max_packet_size() const override { return 1500; }

  [[nodiscard]] Packet packet(PacketPool& pool, std::uint16_t port, const SocketAddress& to,
                              const Payload& payload, std::uint8_t hop_limit = 64,
                              bool dont_fragment = true) const {
    Packet made = make_udp(pool,
                           {.source = address,
                            .destination = to.address,
                            .hop_limit = hop_limit,
                            .dont_fragment = dont_fragment},
                           {port, to.port}, payload)
                      .value();
    sent_[{port, to}].emplace_back(without_hop_limit(made.bytes()));
    return made;
  }

  // One that may be sent in pieces, as this host's link takes it.
  [[nodiscard]] std::vector<Packet> packet_in_pieces(PacketPool& pool, std::uint16_t port,
                                                     const SocketAddress& to,
                                                     const Payload& payload) const {
    IpHeader header{.source = address, .destination = to.address};
    const std::uint32_t id = ++identification_;
    if (address.is_v4()) {
      header.label = id & 0xffff;
    } else {
      header.fragment_id = id;
    }
    const Packet whole = make_udp(pool, header, {port, to.port}, payload).value();
    std::vector<Packet> pieces;
    const auto view = IpView::parse(whole.bytes());
    for (Fragmenter fragmenter(*view, max_packet_size()); !fragmenter.is_done();) {
      pieces.push_back(fragmenter.next(pool).value());
    }
    return pieces;
  }

  IpAddress address;
  std::int64_t device = 1;
  std::vector<Received> received;
  std::vector<Error> errors;

 private:
  struct Flow {
    std::uint16_t port;
    SocketAddress to;
    friend auto operator<=>(const Flow&, const Flow&) = default;
  };

  // The packet, or nothing as long as pieces of it are missing.
  Packet whole_of(Packet packet, Time now) {
    EXPECT_LE(packet.size(), max_packet_size());
    const auto view = IpView::parse(packet.bytes());
    if (!view || !view->is_fragment()) return packet;
    auto whole = reassembler_.add(std::move(packet), *view, 0, pieces_, now);
    return whole ? std::move(whole->packet) : Packet();
  }
  static Payload without_hop_limit(Bytes packet) {
    Payload bytes(packet.begin(), packet.end());
    bytes[bytes[0] >> 4 == 4 ? 8 : 7] = 0;
    if (bytes[0] >> 4 == 4) bytes[10] = bytes[11] = 0;
    return bytes;
  }
  void expect_quotes_what_was_sent(const Flow& flow, Bytes quote) {
    if (sends_pieces) return;  // the error is about what they make
    const Payload quoted = without_hop_limit(quote);
    for (const Payload& sent : sent_[flow]) {
      if (quoted.size() <= sent.size() && std::equal(quoted.begin(), quoted.end(), sent.begin())) {
        return;
      }
    }
    ADD_FAILURE() << "an error quotes a packet that was never sent";
  }

  mutable std::map<Flow, std::vector<Payload>> sent_;
  mutable std::uint32_t identification_ = 0;
  PacketPool pool_;
  Reassembler reassembler_{{}, pool_, 1};
  StageCounters pieces_;
};

}  // namespace oneping::sim
