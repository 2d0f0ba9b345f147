#include "proxy/icmp_helper_reply.h"

namespace oneping {

namespace {

std::uint64_t load_le(const std::uint8_t* p, std::size_t size) {
  std::uint64_t value = 0;
  while (size-- > 0) value = value << 8 | p[size];
  return value;
}

std::optional<Bytes> within(Bytes buffer, std::uint64_t offset, std::size_t size) {
  if (offset > buffer.size() || size > buffer.size() - offset) return std::nullopt;
  return buffer.subspan(static_cast<std::size_t>(offset), size);
}

// Address, Status, RoundTripTime: 4 bytes each; DataSize, Reserved: 2 each; Data: a pointer into
// the buffer; Options: Ttl, Tos, Flags, OptionsSize, and a pointer.
IcmpHelperReply read_v4(Bytes buffer) {
  const auto size = static_cast<std::size_t>(load_le(buffer.data() + 12, 2));
  const std::uint64_t data = load_le(buffer.data() + 16, 8);
  const auto begin = std::uint64_t{reinterpret_cast<std::uintptr_t>(buffer.data())};
  IcmpHelperReply reply{.source = IpAddress::from_v4(buffer.data()),
                        .status = static_cast<std::uint32_t>(load_le(buffer.data() + 4, 4)),
                        .hop_limit = {},
                        .traffic_class = buffer[25],
                        .payload = {}};
  if (buffer[24] != 0) reply.hop_limit = buffer[24];
  // A pointer before the buffer wraps, and so lies far behind it.
  reply.payload = size == 0 ? Bytes() : within(buffer, data - begin, size);
  return reply;
}

// Address: port (2), flow info (4), the address (16), scope (4), without gaps; then a gap of 2,
// Status, RoundTripTime. The data follows.
IcmpHelperReply read_v6(Bytes buffer, std::size_t sent) {
  return {.source = IpAddress::from_v6(buffer.data() + 6),
          .status = static_cast<std::uint32_t>(load_le(buffer.data() + 28, 4)),
          .hop_limit = {},
          .payload = within(buffer, kIcmpReplySizeV6, sent)};
}

}  // namespace

IcmpHelperReply read_icmp_helper_reply(IpFamily family, Bytes buffer, std::size_t sent) {
  return family == IpFamily::v4 ? read_v4(buffer) : read_v6(buffer, sent);
}

}  // namespace oneping
