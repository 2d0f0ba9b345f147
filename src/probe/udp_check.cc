#include "probe/udp_check.h"

#include <array>

#include "probe/answer.h"
#include "probe/error_words.h"
#include "wire/udp.h"

namespace oneping::probe {

namespace {

constexpr std::uint16_t kNtpPort = 123;

// Who serves the root (RFC 1035, 4.1): every server says something to it.
constexpr std::array<std::uint8_t, 17> kDnsQuery = {0x6f, 0x70, 0x01, 0x00, 0, 1, 0, 0, 0,
                                                    0,    0,    0,    0,    0, 2, 0, 1};
// A client's question of version 4 (RFC 5905, 7.3).
constexpr std::array<std::uint8_t, 48> kNtpQuery = {0x23};

Bytes question_for(std::uint16_t port) {
  if (port == kDnsPort) return kDnsQuery;
  if (port == kNtpPort) return kNtpQuery;
  return {};
}

// RFC 6335, 6: of the dynamic ones.
std::uint16_t some_port(Random& random) {
  return static_cast<std::uint16_t>(49152 + random.below(16384));
}

}  // namespace

UdpCheck::UdpCheck(const IpAddress& source, const SocketAddress& destination, const ToolHost& host)
    : source_(source), destination_(destination), host_(host), port_(some_port(host.random)) {}

void UdpCheck::send(Time now) {
  ++sent_;
  deadline_ = now + kInterval;
  IpHeader header{.source = source_, .destination = destination_.address};
  header.label = static_cast<std::uint16_t>(host_.random.next());
  auto packet = make_udp(host_.pool, header, {.source = port_, .destination = destination_.port},
                         question_for(destination_.port));
  if (packet) static_cast<void>(host_.link.send(*packet, now));  // the next one will do
}

void UdpCheck::on_time(Time now) {
  if (is_done_ || now < deadline_) return;
  if (sent_ < kDatagrams) return send(now);
  finish(Outcome::silent);
}

void UdpCheck::on_packet(Bytes packet, Time) {
  const auto ip = IpView::parse(packet);
  if (is_done_ || !ip || ip->destination() != source_) return;
  if (const auto udp = UdpView::parse(*ip)) {
    const bool is_answer = SocketAddress{ip->source(), udp->ports.source} == destination_ &&
                           udp->ports.destination == port_;
    if (is_answer) finish(Outcome::answered);
    return;
  }
  const auto icmp = IcmpView::parse(*ip);
  if (!icmp || icmp->kind != IcmpKind::error) return;
  const auto quoted = quoted_udp(*ip, *icmp);
  if (!quoted || quoted->source != SocketAddress{source_, port_} ||
      quoted->destination != destination_) {
    return;
  }
  const bool v4 = ip->family() == IpFamily::v4;
  const bool is_refusal = ip->source() == destination_.address && icmp->type == (v4 ? 3 : 1) &&
                          icmp->code == (v4 ? 3 : 4);  // port unreachable: RFC 792; RFC 4443, 3.1
  const Answer answer{.kind = Answer::Kind::error,
                      .family = ip->family(),
                      .from = ip->source(),
                      .asker = source_,
                      .destination = destination_.address,
                      .identity = {},
                      .hop_limit = ip->hop_limit(),
                      .type = icmp->type,
                      .code = icmp->code,
                      .info = 0,
                      .payload = {}};
  finish(is_refusal ? Outcome::refused : Outcome::unreachable,
         ip->source().to_string() + " says: " + ping_words(answer));
}

void UdpCheck::finish(Outcome outcome, std::string detail) {
  is_done_ = true;
  outcome_ = outcome;
  detail_ = std::move(detail);
}

}  // namespace oneping::probe
