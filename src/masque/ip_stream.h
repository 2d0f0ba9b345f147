// What comes in on a CONNECT-IP stream, at either end: capsules and datagrams, read and checked.
#pragma once

#include <vector>

#include "base/drop_reason.h"
#include "base/time.h"
#include "masque/capsule.h"
#include "masque/ip_capsules.h"

namespace oneping::masque {

// Within a call the stream may be dropped; nothing more of it is delivered then.
class IpStreamEvents {
 public:
  virtual ~IpStreamEvents() = default;
  virtual void on_address_assign(std::vector<AddressEntry> entries, Time now) = 0;
  virtual void on_address_request(std::vector<AddressEntry> entries, Time now) = 0;
  virtual void on_route_advertisement(std::vector<IpRange> ranges, Time now) = 0;
  virtual void on_ip_packet(Bytes packet, Time now) = 0;
  virtual void on_lost_datagram(DropReason why, Time now) = 0;
};

class IpStream {
 public:
  // `events` must outlive it.
  IpStream(const CapsuleLimits& limits, IpStreamEvents& events)
      : reader_(limits), events_(events) {}

  // Capsules. A failure says which rule they break: the stream is to be reset.
  [[nodiscard]] Result<void> on_data(Bytes bytes, Time now);
  // May the stream end here?
  [[nodiscard]] bool may_end() const { return reader_.at_boundary(); }
  // An HTTP datagram's payload, from QUIC or from a capsule.
  void on_datagram(Bytes payload, Time now);
  // The user has done with it, perhaps within one of its events.
  void drop() { dropped_ = true; }

 private:
  [[nodiscard]] Result<void> on_capsule(const Capsule& capsule, Time now);

  CapsuleReader reader_;
  IpStreamEvents& events_;
  bool dropped_ = false;
};

}  // namespace oneping::masque
