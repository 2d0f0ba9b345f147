// The ICMP helper functions of Windows (iphlpapi.dll), as the echo backend calls them:
// io/windows_icmp_helper.h has the real ones, tests have others.
//
// One call is one request and one outcome. The system chooses the id and the sequence number on the
// wire and never shows them, so that the call itself says whose answer it is.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

// Told once that a request is over, in an alertable wait of the thread that sent it; at the latest
// when its time is up, be the handle closed or not.
class IcmpCompletion {
 public:
  virtual void on_completed() = 0;

 protected:
  ~IcmpCompletion() = default;
};

struct IcmpHelperRequest {
  IpAddress destination;
  std::uint8_t hop_limit;
  std::uint8_t traffic_class;  // IPv4 only: the system has no say in it for IPv6
  bool dont_fragment;          // IPv4 only
  // Both must stay as they are until the request is over.
  Bytes payload;
  MutableBytes reply;  // icmp_helper_reply.h says how large, and what will be in it
  std::chrono::milliseconds timeout;
};

class IcmpHelper {
 public:
  // What send() returns for a request that it has taken: ERROR_IO_PENDING.
  static constexpr std::uint32_t kPending = 997;

  virtual ~IcmpHelper() = default;
  // The system's error; 0 if requests of this family can be sent now.
  [[nodiscard]] virtual std::uint32_t open(IpFamily family) = 0;
  // Only for a family that is open. kPending, and `completion` hears of it; or an error, and it
  // does not.
  [[nodiscard]] virtual std::uint32_t send(const IcmpHelperRequest& request,
                                           IcmpCompletion& completion) = 0;
  // Makes what a request that is over has left in its buffer readable. 0: there is a reply; or the
  // reason why not, an IP_STATUS as a rule.
  [[nodiscard]] virtual std::uint32_t parse(IpFamily family, MutableBytes reply) = 0;
  // Takes no more requests. Those that are out go on.
  virtual void close(IpFamily family) = 0;
};

}  // namespace oneping
