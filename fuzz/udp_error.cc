// Fuzzes what the kernel says of ICMP errors about UDP: any message of an error queue is read
// within its bounds, and whatever it says about a live flow becomes a sound error to that flow's
// client.
//
// Input: flags (IPv6, about the live flow), size of the control messages, 28 bytes of address, the
// control messages, the quote.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "io/origin_receive_batch.h"
#include "io/socket_address.h"
#include "proxy/udp_proxy.h"
#include "test/support/slow_checksum.h"
#include "wire/icmp_extensions.h"

namespace {

using namespace oneping;

void require(bool condition) {
  if (!condition) std::abort();
}

SocketAddress at(const char* text) { return *SocketAddress::parse(text); }

// A connector that has one flow of each family.
class Connector final : private UdpBackend, private UdpProxyEvents {
 public:
  Connector() {
    send("100.96.0.1", "10.20.30.40");
    send("fd00:96::1", "fd00:20::40");
  }

  void hear(UdpError error, bool about_live) {
    const bool v4 = error.destination.address.is_v4();
    if (about_live) error.destination = at(v4 ? "10.20.30.40:33434" : "[fd00:20::40]:33434");
    proxy_.on_udp_error(v4 ? 0 : 1, error, Time{});
    proxy_.on_udp_failure(v4 ? 0 : 1,
                          {.destination = error.destination,
                           .reason = DropReason::host_unreachable,
                           .payload = error.payload},
                          Time{});
    require(told_ <= 2);
  }

 private:
  void send(const char* client, const char* destination) {
    const std::array<std::uint8_t, 32> payload{};
    const auto packet = make_udp(pool_,
                                 {.source = *IpAddress::parse(client),
                                  .destination = *IpAddress::parse(destination),
                                  .dont_fragment = true},
                                 {4000, 33434}, payload);
    const auto ip = IpView::parse(packet->bytes());
    require(!proxy_.send(*ip, *UdpView::parse(*ip), 0, Time{}));
  }

  static bool is_client(const IpAddress& address) {
    return address == *IpAddress::parse("100.96.0.1") || address == *IpAddress::parse("fd00:96::1");
  }
  void require_quote(const IpView& quoted) {
    require(is_client(quoted.source()));
    require(load_be16(&quoted.payload()[0]) == 4000 && load_be16(&quoted.payload()[2]) == 33434);
  }

  void on_udp_answer(Packet packet, std::uint8_t, Time) override {
    ++told_;
    require(test::icmp_packet_checksums_right(packet.bytes()));
    const auto ip = IpView::parse(packet.bytes());
    require(ip && is_client(ip->destination()));
    const auto icmp = IcmpView::parse(*ip);
    require(icmp && icmp->kind == IcmpKind::error);
    require(packet.size() <= (ip->is_v4() ? 576u : kIpv6MinMtu));
    require_quote(IpView::parse_quoted(icmp->payload).value());
    require(quoted_udp(*ip, *icmp).has_value());
  }
  bool on_udp_undeliverable(const IpView& packet, DropReason, std::size_t, std::uint8_t,
                            Time) override {
    ++told_;
    require_quote(packet);
    return true;
  }
  std::optional<DropReason> on_session_answer(const Uuid&, Bytes, std::uint8_t, Time) override {
    std::abort();
  }
  void on_session_over(const Uuid&, std::uint8_t) override {}

  std::size_t max_sockets() const override { return 2; }
  std::optional<DropReason> open(UdpSocketId, IpFamily) override { return std::nullopt; }
  void close(UdpSocketId) override {}
  std::optional<DropReason> send(UdpSocketId, const UdpDatagram&, Time) override {
    return std::nullopt;
  }
  void flush(UdpReplies&, Time) override {}
  bool is_own_address(const IpAddress&) const override { return false; }

  SeededRandom random_{1};
  PacketPool pool_;
  int told_ = 0;
  UdpProxy proxy_{{}, *this, pool_, *this, random_};
};

bool lies_within(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

constexpr std::size_t kNameSize = 28;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 + kNameSize) return 0;
  const bool v6 = (data[0] & 1) != 0;
  const bool about_live = (data[0] & 2) != 0;
  sockaddr_storage name{};
  std::memcpy(&name, data + 2, kNameSize);
  name.ss_family = v6 ? AF_INET6 : AF_INET;
  Bytes rest(data + 2 + kNameSize, size - 2 - kNameSize);

  alignas(cmsghdr) std::array<std::uint8_t, 256> control{};
  const std::size_t control_size = std::min<std::size_t>(data[1], rest.size());
  std::copy_n(rest.begin(), control_size, control.begin());
  rest = rest.subspan(control_size);
  iovec quote{const_cast<std::uint8_t*>(rest.data()), rest.size()};

  msghdr message{};
  message.msg_name = &name;
  message.msg_namelen = kNameSize;
  message.msg_iov = &quote;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control_size;
  const auto queued = read_queued_udp_error(message, rest.size(), v6 ? IpFamily::v6 : IpFamily::v4);
  if (!queued || !*queued) return 0;
  require(lies_within((*queued)->payload, rest) && lies_within((*queued)->extensions, rest));
  require((*queued)->extensions.empty() || are_extensions((*queued)->extensions));
  Connector().hear(**queued, about_live);
  return 0;
}
