// Fuzzes what the kernel says of ICMP errors: any message of an error queue is read within its
// bounds, and whatever it says about a live request becomes a sound error to that request's client.
//
// Input: flags (IPv6, about the live request), size of the control messages, 28 bytes of address,
// the control messages, the quote.
#include <array>

#include "fuzz/error_to_client.h"
#include "fuzz/queued_error_input.h"
#include "fuzz/require.h"
#include "io/echo_error_batch.h"
#include "proxy/echo_proxy.h"
#include "wire/icmp_extensions.h"

namespace {

using namespace oneping;

// A connector that has one request of each family out.
class Connector final : private EchoBackend, private EchoProxyEvents {
 public:
  Connector() {
    ask("100.96.0.1", "10.20.30.40");
    ask("fd00:96::1", "fd00:20::40");
  }

  void hear(QueuedError queued, bool about_live) {
    const bool v4 = queued.error.destination.is_v4();
    if (about_live) {
      queued.slot = slots_[v4 ? 0 : 1];
      queued.error.destination = *IpAddress::parse(v4 ? "10.20.30.40" : "fd00:20::40");
    }
    told_ = 0;
    proxy_.on_echo_error(queued.slot, queued.error, Time{});
    proxy_.on_echo_failure(queued.slot,
                           {.destination = queued.error.destination,
                            .reason = DropReason::host_unreachable,
                            .payload = queued.error.payload,
                            .was_sent = true},
                           Time{});
    require(told_ <= 2);
  }

 private:
  void ask(const char* client, const char* destination) {
    const std::array<std::uint8_t, 56> payload{};
    const auto packet = make_echo(pool_, EchoType::request,
                                  {.source = *IpAddress::parse(client),
                                   .destination = *IpAddress::parse(destination),
                                   .dont_fragment = true},
                                  {.id = 7, .sequence = 9}, payload);
    const auto ip = IpView::parse(packet->bytes());
    require(!proxy_.request(*ip, *IcmpView::parse(*ip), 0, Time{}));
  }

  void require_quote(const IpView& quoted) {
    require(is_fuzz_client(quoted.source()));
    require(load_be16(&quoted.payload()[4]) == 7 && load_be16(&quoted.payload()[6]) == 9);
  }

  void on_answer(Packet packet, std::uint8_t, Time) override {
    ++told_;
    require_quote(quote_of_error_to_client(packet));
  }
  bool on_undeliverable(const IpView& request, DropReason, std::size_t, std::uint8_t,
                        Time) override {
    ++told_;
    require_quote(request);
    return true;
  }

  std::uint16_t channels(EchoChannelKind) const override { return 1; }
  std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request, Time) override {
    slots_[request.destination.is_v4() ? 0 : 1] = slot;
    return std::nullopt;
  }
  void flush(EchoReplies&, Time) override {}
  std::optional<IpAddress> source_for(const IpAddress&) const override { return std::nullopt; }
  bool is_own_address(const IpAddress&) const override { return false; }
  bool is_broadcast(const IpAddress&) const override { return false; }

  SeededRandom random_{1};
  PacketPool pool_;
  std::array<EchoSlot, 2> slots_{};
  int told_ = 0;
  EchoProxy proxy_{{}, *this, pool_, *this, random_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (!QueuedErrorInput::is_enough(bytes)) return 0;
  QueuedErrorInput input(bytes);
  const EchoSocket socket{.fd = Fd(),
                          .kind = input.family == IpFamily::v6 ? EchoChannelKind::v6_dont_fragment
                                                               : EchoChannelKind::v4_dont_fragment,
                          .channel = 0,
                          .id = 0x4242};
  const auto queued = read_queued_error(input.message, input.quote.size(), socket);
  if (!queued || !*queued) return 0;
  const EchoError& error = (*queued)->error;
  require(input.quotes(error.payload) && input.quotes(error.extensions));
  require(error.extensions.empty() || are_extensions(error.extensions));
  require(error.destination.family() == input.family || input.family == IpFamily::v6);
  Connector().hear(**queued, input.is_about_live);
  return 0;
}
