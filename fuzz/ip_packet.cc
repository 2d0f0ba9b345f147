// Fuzzes reading IP, ICMP and UDP, and making answers to what was read: whatever a peer sends, what
// we send about it is a sound packet that keeps to the rules.
#include <algorithm>
#include <vector>

#include "fuzz/require.h"
#include "test/support/slow_checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/udp.h"

namespace {

using namespace oneping;

IpAddress own_address(IpFamily family) {
  return IpAddress::parse(family == IpFamily::v4 ? "172.68.101.57" : "fd00:68::57").value();
}

constexpr IcmpErrorCause kCauses[] = {
    IcmpErrorCause::net_unreachable, IcmpErrorCause::host_unreachable,
    IcmpErrorCause::admin_prohibited, IcmpErrorCause::packet_too_big,
    IcmpErrorCause::hop_limit_exceeded};

PacketPool& pool() {
  static PacketPool pool({.max_packet_size = 65535 + kIpv6HeaderSize, .max_packets = 4});
  return pool;
}

void check_view(const IpView& ip, Bytes input) {
  require(ip.bytes().data() == input.data() && ip.bytes().size() <= input.size());
  require(ip.payload_offset() + ip.payload().size() == ip.bytes().size());
  require(ip.source().family() == ip.family() && ip.destination().family() == ip.family());
  require(!ip.is_later_fragment() || ip.is_fragment());
}

// A client finds its datagram in the error.
void check_udp_quote(const IpView& error, const IcmpView& icmp, const IpView& about) {
  const auto datagram = UdpView::parse(about);
  if (!datagram) return;
  const auto quoted = quoted_udp(error, icmp);
  if (!quoted) {
    require(about.payload_offset() + kUdpHeaderSize > icmp.payload.size());
    return;
  }
  require(quoted->source == SocketAddress{about.source(), datagram->ports.source});
  require(quoted->destination == SocketAddress{about.destination(), datagram->ports.destination});
}

// A client finds its request in the error.
void check_quote(const IpView& error, const IcmpView& icmp, const IpView& about) {
  const auto request = IcmpView::parse(about);
  if (!request || request->kind != IcmpKind::echo_request) return;
  const auto quoted = quoted_echo_request(error, icmp);
  // A header so long that the request behind it does not fit stays unknown.
  if (!quoted) {
    require(about.payload_offset() + kIcmpHeaderSize > icmp.payload.size());
    return;
  }
  require(quoted->identity == EchoIdentity{request->id, request->sequence});
  require(quoted->source == about.source() && quoted->destination == about.destination());
}

void check_errors(const IpView& ip) {
  for (const auto cause : kCauses) {
    if (!may_answer_with_error(ip, cause)) continue;
    const auto error = make_icmp_error(pool(), ip, own_address(ip.family()), cause, 1280);
    require(error.has_value());
    require(error->size() <= (ip.is_v4() ? 576u : kIpv6MinMtu));
    require(test::icmp_packet_checksums_right(error->bytes()));
    const auto parsed = IpView::parse(error->bytes());
    require(parsed && parsed->is_icmp() && parsed->destination() == ip.source());
    const auto icmp = IcmpView::parse(*parsed);
    require(icmp && icmp->kind == IcmpKind::error);
    require(std::ranges::equal(icmp->payload, ip.bytes().first(icmp->payload.size())));
    require(!may_answer_with_error(*parsed, cause));  // no error about an error
    check_quote(*parsed, *icmp, ip);
    check_udp_quote(*parsed, *icmp, ip);
  }
}

void check_echo(const IpView& ip) {
  const auto icmp = IcmpView::parse(ip);
  if (!icmp || icmp->kind != IcmpKind::echo_request) return;
  const IpHeader back{.source = ip.destination(), .destination = ip.source(), .hop_limit = 64};
  const auto reply =
      make_echo(pool(), EchoType::reply, back, {icmp->id, icmp->sequence}, icmp->payload);
  require(reply.has_value());
  require(test::icmp_packet_checksums_right(reply->bytes()));
  const auto read_ip = IpView::parse(reply->bytes());
  require(read_ip.has_value());
  const auto read = IcmpView::parse(*read_ip);
  require(read && read->kind == IcmpKind::echo_reply);
  require(read->id == icmp->id && read->sequence == icmp->sequence);
  require(std::ranges::equal(read->payload, icmp->payload));
}

void check_udp(const IpView& ip) {
  const auto udp = UdpView::parse(ip);
  if (!udp) return;
  const IpHeader back{.source = ip.destination(), .destination = ip.source(), .hop_limit = 64};
  const UdpPorts ports{udp->ports.destination, udp->ports.source};
  const auto answer = make_udp(pool(), back, ports, udp->payload);
  require(answer.has_value());
  require(test::udp_packet_checksums_right(answer->bytes()));
  const auto read_ip = IpView::parse(answer->bytes());
  require(read_ip.has_value());
  const auto read = UdpView::parse(*read_ip);
  require(read && read->ports == ports && std::ranges::equal(read->payload, udp->payload));
}

void check_hop_limit(const IpView& ip) {
  if (ip.hop_limit() == 0) return;
  std::vector<std::uint8_t> forwarded(ip.bytes().begin(), ip.bytes().end());
  decrement_hop_limit(forwarded);
  const auto after = IpView::parse(forwarded);  // checks the header checksum
  require(after && after->hop_limit() == ip.hop_limit() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  if (const auto quoted = IpView::parse_quoted(input)) check_view(*quoted, input);
  const auto ip = IpView::parse(input);
  if (!ip) return 0;
  require(IpView::parse_quoted(input).has_value());
  check_view(*ip, input);
  if (const auto icmp = IcmpView::parse(*ip)) {
    static_cast<void>(quoted_echo_request(*ip, *icmp));
    static_cast<void>(quoted_udp(*ip, *icmp));
  }
  check_errors(*ip);
  check_echo(*ip);
  check_udp(*ip);
  check_hop_limit(*ip);
  return 0;
}
