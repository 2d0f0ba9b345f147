// Fuzzes what the tools make of a packet that came in: each of them is in the middle of its work
// and waits for answers. None may crash, count an answer that it did not ask for, or fail to end.
//
// The input is the packet. Its addresses, id and checksums are put right first, so that it gets as
// far as an answer would; a first byte that is odd leaves them as they are.
#include <vector>

#include "fuzz/require.h"
#include "probe/mtr.h"
#include "probe/ping.h"
#include "probe/trace.h"
#include "wire/checksum.h"

namespace {

using namespace oneping;
using namespace oneping::probe;
using namespace std::chrono_literals;

struct Swallow final : Link {
  std::optional<DropReason> send(Packet& packet, Time) override {
    const auto ip = IpView::parse(packet.bytes()).value();
    id = IcmpView::parse(ip).value().id;
    packet = Packet();
    return std::nullopt;
  }
  std::size_t max_packet_size() const override { return 1500; }
  std::uint16_t id = 0;
};

struct Discard final : TextSink {
  void out(std::string_view text) override { require(text.size() < 1'000'000); }
  void err(std::string_view) override {}
};

struct Nameless final : NameSource {
  void ask(const IpAddress&) override {}
};

struct Ends {
  IpAddress source, destination;
};

Ends ends_of(IpFamily family) {
  const bool v4 = family == IpFamily::v4;
  return {IpAddress::parse(v4 ? "10.99.1.1" : "fd99:1::1").value(),
          IpAddress::parse(v4 ? "10.99.3.2" : "fd99:3::2").value()};
}

void put_address(std::uint8_t* to, const IpAddress& address) {
  const Bytes bytes = address.network_bytes();
  std::copy(bytes.begin(), bytes.end(), to);
}

// The ICMP checksum of an IPv4 or IPv6 packet without options or extensions.
void fix_checksums(std::vector<std::uint8_t>& packet, std::size_t header, const Ends& ends) {
  if (header == kIpv4HeaderSize) {
    store_be16(&packet[10], 0);
    store_be16(&packet[10], checksum(Bytes(packet).first(header)));
  }
  const Bytes icmp = Bytes(packet).subspan(header);
  store_be16(&packet[header + 2], 0);
  const std::uint64_t start =
      header == kIpv4HeaderSize
          ? 0
          : icmpv6_pseudo_header_sum(ends.destination, ends.source, icmp.size());
  store_be16(&packet[header + 2], checksum_finish(checksum_add(icmp, start)));
}

// Makes the bytes a packet from the destination to the source, whose echo id, its own or that of
// the request it quotes, is `id`.
void put_right(std::vector<std::uint8_t>& packet, IpFamily family, std::uint16_t id) {
  const Ends ends = ends_of(family);
  const std::size_t header = ip_header_size(family);
  if (packet.size() < header + kIcmpHeaderSize || packet.size() > 1500) return;
  const bool v4 = family == IpFamily::v4;
  const auto size = static_cast<std::uint16_t>(packet.size());
  if (v4) {
    packet[0] = 0x45;
    store_be16(&packet[2], size);
    store_be16(&packet[6], 0);
    packet[9] = kProtocolIcmp;
  } else {
    packet[0] = 0x60;
    store_be16(&packet[4], static_cast<std::uint16_t>(size - header));
    packet[6] = kProtocolIcmpv6;
  }
  put_address(&packet[v4 ? 12 : 8], ends.destination);
  put_address(&packet[v4 ? 16 : 24], ends.source);
  const std::size_t quoted = header + kIcmpHeaderSize;
  if (icmp_kind(family, packet[header]) == IcmpKind::echo_reply) {
    store_be16(&packet[header + 4], id);
  } else if (packet.size() >= quoted + header + kIcmpHeaderSize) {
    packet[quoted] = v4 ? 0x45 : 0x60;
    packet[quoted + (v4 ? 9 : 6)] = v4 ? kProtocolIcmp : kProtocolIcmpv6;
    put_address(&packet[quoted + (v4 ? 12 : 8)], ends.source);
    put_address(&packet[quoted + (v4 ? 16 : 24)], ends.destination);
    packet[quoted + header] = v4 ? 8 : 128;
    store_be16(&packet[quoted + header + 4], id);
  }
  fix_checksums(packet, header, ends);
}

template <typename Engine, typename Options>
void feed(Options options, IpFamily family, Bytes input) {
  PacketPool pool({.max_packet_size = 1500, .max_packets = 8});
  SeededRandom random(1);
  Swallow link;
  Discard text;
  Nameless names;
  const Ends ends = ends_of(family);
  options.host = "host";
  options.source = ends.source;
  options.destination = ends.destination;
  options.naming = Naming::numeric;
  Engine tool(options, {link, pool, random, text, names});
  Time now{1s};
  tool.start(now);
  now = std::max(now, tool.next_time() == kNever ? now : tool.next_time());
  tool.on_time(now);

  std::vector<std::uint8_t> packet(input.begin(), input.end());
  if (!packet.empty() && packet[0] % 2 == 0) put_right(packet, family, link.id);
  for (int i = 0; i < 3; ++i) tool.on_packet(packet, now += 1ms);
  const auto& counts = tool.probes();
  require(counts.answered + counts.given_up + counts.forgotten <= counts.sent);
  require(counts.answered <= 1);  // one packet answers one probe at most

  for (int i = 0; i < 100'000 && !tool.is_done(); ++i) {
    require(tool.next_time() != kNever);
    tool.on_time(now = std::max(now, tool.next_time()));
  }
  require(tool.is_done());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    feed<Ping>(PingOptions{.count = 3}, family, input);
    feed<Ping>(PingOptions{.count = 3, .output = PingOutput::json}, family, input);
    feed<Trace>(TraceOptions{.max_hops = 5, .wait = {1s, 3, 10}}, family, input);
    feed<Trace>(TraceOptions{.max_hops = 5, .output = TraceOutput::json}, family, input);
    feed<Mtr>(MtrOptions{.count = 2, .max_ttl = 5, .output = MtrOutput::json}, family, input);
    feed<Mtr>(MtrOptions{.count = 2, .max_ttl = 5, .output = MtrOutput::report}, family, input);
  }
  return 0;
}
