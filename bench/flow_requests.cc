#include "flow_requests.h"

#include <algorithm>

namespace oneping::bench {

namespace {

constexpr std::size_t kNumberSize = 8;
constexpr std::uint64_t kClients = 1 << 20;  // 100.96.0.0/12, or as many of fd00:100:96::/48

}  // namespace

FlowRequests::FlowRequests(const FlowOptions& options) : options_(options) {
  for (std::size_t i = 0; i < payload_.size(); ++i) payload_[i] = static_cast<std::uint8_t>(i);
}

std::optional<Packet> FlowRequests::make(PacketPool& pool, std::uint64_t number) const {
  const std::uint64_t global = options_.first + number;
  store_be64(payload_.data(), global);
  const IpHeader header{.source = client(global), .destination = options_.destination};
  return make_echo(pool, EchoType::request, header, identity(global),
                   Bytes(payload_).first(options_.payload));
}

std::optional<std::uint64_t> FlowRequests::match(Bytes packet) const {
  const auto ip = IpView::parse(packet);
  if (!ip || !ip->is_icmp()) return std::nullopt;
  const auto icmp = IcmpView::parse(*ip);
  if (!icmp || icmp->kind != IcmpKind::echo_reply || icmp->code != 0) return std::nullopt;
  if (icmp->payload.size() != options_.payload) return std::nullopt;
  const std::uint64_t global = load_be64(icmp->payload.data());
  const bool right =
      ip->source() == options_.destination && ip->destination() == client(global) &&
      EchoIdentity{icmp->id, icmp->sequence} == identity(global) &&
      std::ranges::equal(icmp->payload.subspan(kNumberSize),
                         Bytes(payload_).first(options_.payload).subspan(kNumberSize));
  if (!right || global < options_.first) return std::nullopt;
  return global - options_.first;
}

IpAddress FlowRequests::client(std::uint64_t number) const {
  const auto host = static_cast<std::uint32_t>(number % options_.flows % kClients);
  if (options_.destination.is_v4()) return IpAddress::v4(0x64600000 + host);
  std::uint8_t bytes[16] = {0xfd, 0x00, 0x01, 0x00, 0x00, 0x96};
  store_be32(bytes + 12, host);
  return IpAddress::from_v6(bytes);
}

EchoIdentity FlowRequests::identity(std::uint64_t number) const {
  const std::uint64_t flow = number % options_.flows;
  return {.id = static_cast<std::uint16_t>(flow / kClients + flow),
          .sequence = static_cast<std::uint16_t>(number / options_.flows)};
}

}  // namespace oneping::bench
