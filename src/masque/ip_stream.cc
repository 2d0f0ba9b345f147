#include "masque/ip_stream.h"

#include "masque/varint.h"

namespace oneping::masque {

Result<void> IpStream::on_data(Bytes bytes, Time now) {
  while (!dropped_) {
    const auto capsule = reader_.next(bytes);
    if (!capsule) return tl::unexpected(capsule.error());
    for (std::size_t left = reader_.take_passed_over(); left > 0 && !dropped_; --left) {
      events_.on_lost_datagram(DropReason::too_big, now);
    }
    if (!*capsule || dropped_) break;
    if (auto taken = on_capsule(**capsule, now); !taken) return taken;
  }
  return {};
}

Result<void> IpStream::on_capsule(const Capsule& capsule, Time now) {
  switch (capsule.type) {
    case CapsuleType::datagram: on_datagram(capsule.value, now); return {};
    case CapsuleType::address_assign: {
      auto entries = parse_address_assign(capsule.value);
      if (!entries) return tl::unexpected(entries.error());
      events_.on_address_assign(std::move(*entries), now);
      return {};
    }
    case CapsuleType::address_request: {
      auto entries = parse_address_request(capsule.value);
      if (!entries) return tl::unexpected(entries.error());
      events_.on_address_request(std::move(*entries), now);
      return {};
    }
    case CapsuleType::route_advertisement: {
      auto ranges = parse_route_advertisement(capsule.value);
      if (!ranges) return tl::unexpected(ranges.error());
      events_.on_route_advertisement(std::move(*ranges), now);
      return {};
    }
  }
  return {};
}

// Contexts other than 0 were never agreed on: no extension of ours registers any.
void IpStream::on_datagram(Bytes payload, Time now) {
  const auto context = take_varint(payload);
  if (!context || (*context == 0 && payload.empty())) {
    events_.on_lost_datagram(DropReason::malformed_datagram, now);
  } else if (*context != 0) {
    events_.on_lost_datagram(DropReason::unknown_datagram, now);
  } else {
    events_.on_ip_packet(payload, now);
  }
}

}  // namespace oneping::masque
