// Fuzzes what the kernel says of ICMP errors about UDP: any message of an error queue is read
// within its bounds, and whatever it says about a live flow becomes a sound error to that flow's
// client.
//
// Input: flags (IPv6, about the live flow), size of the control messages, 28 bytes of address, the
// control messages, the quote.
#include <array>
#include <cstdlib>

#include "fuzz/error_to_client.h"
#include "fuzz/queued_error_input.h"
#include "fuzz/require.h"
#include "io/origin_receive_batch.h"
#include "io/socket_address.h"
#include "proxy/udp_proxy.h"
#include "wire/icmp_extensions.h"

namespace {

using namespace oneping;

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

  void require_quote(const IpView& quoted) {
    require(is_fuzz_client(quoted.source()));
    require(load_be16(&quoted.payload()[0]) == 4000 && load_be16(&quoted.payload()[2]) == 33434);
  }

  void on_udp_answer(Packet packet, std::uint8_t, Time) override {
    ++told_;
    require_quote(quote_of_error_to_client(packet));
    const auto ip = IpView::parse(packet.bytes());
    require(quoted_udp(*ip, *IcmpView::parse(*ip)).has_value());
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
  bool is_broadcast(const IpAddress&) const override { return false; }

  SeededRandom random_{1};
  PacketPool pool_;
  int told_ = 0;
  UdpProxy proxy_{{}, *this, pool_, *this, random_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (!QueuedErrorInput::is_enough(bytes)) return 0;
  QueuedErrorInput input(bytes);
  const auto queued = read_queued_udp_error(input.message, input.quote.size(), input.family);
  if (!queued || !*queued) return 0;
  require(input.quotes((*queued)->payload) && input.quotes((*queued)->extensions));
  require((*queued)->extensions.empty() || are_extensions((*queued)->extensions));
  Connector().hear(**queued, input.is_about_live);
  return 0;
}
