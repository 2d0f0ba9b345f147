// Fuzzes what a datagram ICMP socket of Darwin gives, where everything that comes in at the host
// comes in: any message is read within its bounds, and only the answer to a live request becomes
// anything, namely a sound packet to that request's client.
//
// Input: flags (IPv6, hop limit told), 16 bytes of source address, the message.
#include <algorithm>
#include <array>

#include "fuzz/require.h"
#include "proxy/darwin_message.h"
#include "proxy/echo_proxy.h"
#include "test/support/slow_checksum.h"

namespace {

using namespace oneping;

constexpr EchoIdentity kClients = {.id = 7, .sequence = 9};

// A connector that has one request of each family out: to 10.20.30.40 with id 0x0101, and to
// fd00:20::40 with id 0x0103. Sequence 0 in a message stands for the one that the proxy chose.
class Connector final : private EchoBackend, private EchoProxyEvents {
 public:
  Connector() {
    ask("100.96.0.1", "10.20.30.40");
    ask("fd00:96::1", "fd00:20::40");
  }

  void hear(const DarwinMessage& message) {
    const auto answer = read_darwin_message(message, ids_);
    if (!answer) return;
    told_ = 0;
    EchoSlot slot = answer->slot;
    if (slot.sequence == 0) slot.sequence = chosen_[family_of(slot.kind) == IpFamily::v6 ? 1 : 0];
    if (const auto* reply = std::get_if<EchoReply>(&answer->content)) {
      require(lies_within(reply->payload, message.bytes));
      proxy_.on_echo_reply(slot, *reply, Time{});
    } else {
      const auto& error = std::get<EchoError>(answer->content);
      require(lies_within(error.payload, message.bytes));
      require(lies_within(error.extensions, message.bytes));
      proxy_.on_echo_error(slot, error, Time{});
    }
    require(told_ <= 1);
  }

 private:
  static bool lies_within(Bytes part, Bytes whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
  }

  void ask(const char* client, const char* destination) {
    const std::array<std::uint8_t, 16> payload{};
    const auto packet = make_echo(pool_, EchoType::request,
                                  {.source = *IpAddress::parse(client),
                                   .destination = *IpAddress::parse(destination),
                                   .dont_fragment = true},
                                  kClients, payload);
    const auto ip = IpView::parse(packet->bytes());
    require(!proxy_.request(*ip, *IcmpView::parse(*ip), 0, Time{}));
  }

  void on_answer(Packet packet, std::uint8_t, Time) override {
    ++told_;
    require(test::icmp_packet_checksums_right(packet.bytes()));
    const auto ip = IpView::parse(packet.bytes());
    require(ip && (ip->destination() == *IpAddress::parse("100.96.0.1") ||
                   ip->destination() == *IpAddress::parse("fd00:96::1")));
    const auto icmp = IcmpView::parse(*ip);
    require(icmp.has_value());
    if (icmp->kind == IcmpKind::echo_reply) {
      return require(icmp->id == kClients.id && icmp->sequence == kClients.sequence);
    }
    require(icmp->kind == IcmpKind::error);
    const auto quoted = IpView::parse_quoted(icmp->payload);
    require(quoted && quoted->source() == ip->destination());
    require(load_be16(&quoted->payload()[4]) == kClients.id);
    require(load_be16(&quoted->payload()[6]) == kClients.sequence);
  }
  bool on_undeliverable(const IpView&, DropReason, std::size_t, std::uint8_t, Time) override {
    return false;
  }

  std::uint16_t channels(EchoChannelKind) const override { return 1; }
  std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest&, Time) override {
    chosen_[family_of(slot.kind) == IpFamily::v6 ? 1 : 0] = slot.sequence;
    return std::nullopt;
  }
  void flush(EchoReplies&, Time) override {}
  std::optional<IpAddress> source_for(const IpAddress&) const override { return std::nullopt; }
  bool is_own_address(const IpAddress&) const override { return false; }
  bool is_broadcast(const IpAddress&) const override { return false; }

  struct Counting final : Random {
    void fill(MutableBytes bytes) override {
      for (auto& byte : bytes) byte = 0;
      if (bytes.size() >= 8) store_be64(bytes.data(), ++next);
    }
    std::uint64_t next = 0x0100;
  } counting_;
  EchoIds ids_{1, counting_};
  SeededRandom random_{1};
  PacketPool pool_{{.max_packets = 4}};
  int told_ = 0;
  std::array<std::uint16_t, 2> chosen_{};  // by family
  EchoProxy proxy_{{}, *this, pool_, *this, random_};
};

constexpr std::size_t kAddressSize = 16;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 + kAddressSize) return 0;
  const bool v6 = (data[0] & 1) != 0;
  const bool is_told = (data[0] & 2) != 0;
  Connector connector;
  connector.hear({.family = v6 ? IpFamily::v6 : IpFamily::v4,
                  .source = v6 ? IpAddress::from_v6(data + 1) : IpAddress::from_v4(data + 1),
                  .hop_limit = is_told ? std::optional<std::uint8_t>(data[0] >> 2) : std::nullopt,
                  .traffic_class = std::nullopt,
                  .bytes = Bytes(data + 1 + kAddressSize, size - 1 - kAddressSize)});
  return 0;
}
