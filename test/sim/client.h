// A user's machine: sends echo requests into the edge and keeps what comes back.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "forward/link.h"
#include "wire/icmp.h"

namespace oneping::sim {

struct Received {
  IpAddress source;
  std::uint8_t hop_limit;
  std::uint8_t type;
  std::uint8_t code;
  EchoIdentity identity;  // of the reply, or of the request that the error quotes
  std::vector<std::uint8_t> payload;
};

class Client final : public Link {
 public:
  explicit Client(const char* text) : address(IpAddress::parse(text).value()) {}

  // Everything that arrives must be a sound packet to this client; an error quotes his own request.
  std::optional<DropReason> send(Packet& packet, Time) override {
    const Packet taken = std::move(packet);
    const auto ip = IpView::parse(taken.bytes()).value();
    EXPECT_EQ(ip.destination(), address);
    const auto icmp = IcmpView::parse(ip).value();
    Received got{.source = ip.source(),
                 .hop_limit = ip.hop_limit(),
                 .type = icmp.type,
                 .code = icmp.code,
                 .identity = {icmp.id, icmp.sequence},
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
  // Which changes on the way, and with it the checksum of an IPv4 header.
  static std::vector<std::uint8_t> without_hop_limit(Bytes bytes) {
    std::vector<std::uint8_t> packet(bytes.begin(), bytes.end());
    const bool v4 = packet[0] >> 4 == 4;
    packet[v4 ? 8 : 7] = 0;
    if (v4) packet[10] = packet[11] = 0;
    return packet;
  }

  void expect_quotes_what_was_sent(const EchoIdentity& identity, Bytes quote) const {
    const auto found = sent_.find(identity);
    if (found == sent_.end()) return;  // made elsewhere
    const auto& packet = found->second;
    const std::size_t size = std::min(packet.size(), quote.size());  // extensions lie behind
    EXPECT_EQ(without_hop_limit(quote.first(size)),
              std::vector(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
  }

  mutable std::map<EchoIdentity, std::vector<std::uint8_t>> sent_;
};

}  // namespace oneping::sim
