#include "probe/answer.h"

namespace oneping::probe {

namespace {

constexpr std::uint8_t kUnreachableV4 = 3;  // RFC 792
constexpr std::uint8_t kFragmentationNeeded = 4;
constexpr std::uint8_t kTimeExceededV4 = 11;
constexpr std::uint8_t kParameterProblemV4 = 12;
constexpr std::uint8_t kPacketTooBig = 2;  // RFC 4443
constexpr std::uint8_t kTimeExceededV6 = 3;
constexpr std::uint8_t kParameterProblemV6 = 4;

// Bytes 4..8 of the header, as far as the type gives them a meaning.
std::uint32_t info_of(IpFamily family, const IcmpView& icmp) {
  const std::uint32_t word = std::uint32_t{icmp.id} << 16 | icmp.sequence;
  if (family == IpFamily::v6) {
    return icmp.type == kPacketTooBig || icmp.type == kParameterProblemV6 ? word : 0;
  }
  if (icmp.type == kUnreachableV4 && icmp.code == kFragmentationNeeded) return word & 0xffff;
  if (icmp.type == kParameterProblemV4) return word >> 24;
  return 0;
}

}  // namespace

bool Answer::is_hop_limit_exceeded() const {
  return kind == Kind::error && code == 0 &&
         type == (family == IpFamily::v4 ? kTimeExceededV4 : kTimeExceededV6);
}

std::optional<std::uint32_t> Answer::mtu() const {
  if (kind != Kind::error) return std::nullopt;
  const bool too_big = family == IpFamily::v4
                           ? type == kUnreachableV4 && code == kFragmentationNeeded
                           : type == kPacketTooBig;
  return too_big ? std::optional(info) : std::nullopt;
}

std::optional<Answer> read_answer(Bytes packet) {
  const auto ip = IpView::parse(packet);
  if (!ip) return std::nullopt;
  const auto icmp = IcmpView::parse(*ip);
  if (!icmp) return std::nullopt;
  Answer answer{.kind = Answer::Kind::reply,
                .family = ip->family(),
                .from = ip->source(),
                .asker = ip->destination(),
                .destination = ip->source(),
                .identity = {.id = icmp->id, .sequence = icmp->sequence},
                .hop_limit = ip->hop_limit(),
                .type = icmp->type,
                .code = icmp->code,
                .info = 0,
                .payload = icmp->payload};
  if (icmp->kind == IcmpKind::echo_reply) return answer;
  if (icmp->kind != IcmpKind::error) return std::nullopt;
  const auto quoted = quoted_echo_request(*ip, *icmp);
  // An error is for the host that it quotes, and for nobody else.
  if (!quoted || quoted->source != ip->destination()) return std::nullopt;
  answer.kind = Answer::Kind::error;
  answer.destination = quoted->destination;
  answer.identity = quoted->identity;
  answer.info = info_of(ip->family(), *icmp);
  answer.payload = {};
  return answer;
}

}  // namespace oneping::probe
