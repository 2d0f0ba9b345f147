// The hop: takes a packet that came in, asks the role where it goes, lowers its hop limit and sends
// it on; or answers its sender with the ICMP error that says why not. Edge and connector are each a
// forwarder with a Router for each direction.
//
// Every packet given to forward() ends in exactly one counter of its direction: forwarded, answered
// or dropped.
#pragma once

#include <functional>
#include <optional>
#include <tl/expected.hpp>

#include "base/counters.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/time.h"
#include "forward/error_for_drop.h"
#include "forward/error_limiter.h"
#include "forward/link.h"
#include "wire/ip.h"

namespace oneping {

// One direction through a hop: decides where a packet goes next, or why nowhere, and keeps count of
// what went its way. May note the flow that the packet starts.
class Router {
 public:
  virtual ~Router() = default;
  // Whether the packet may come in at all; asked first, so that nothing is said about it as a hop.
  [[nodiscard]] virtual std::optional<DropReason> admit(const IpView& /*packet*/, Time /*now*/) {
    return std::nullopt;
  }
  [[nodiscard]] virtual tl::expected<Link*, DropReason> next_hop(const IpView& packet,
                                                                 Time now) = 0;

  // Counts a packet that did not even become one (a bad datagram, no buffer for it).
  void count_lost(DropReason reason) {
    traffic_.packets.count_in();
    traffic_.packets.count_dropped(reason);
  }
  [[nodiscard]] const TrafficCounters& traffic() const { return traffic_; }

 private:
  friend class Forwarder;
  TrafficCounters traffic_;
};

class Forwarder {
 public:
  // This hop's own address as the sender of `packet` should see it. Nothing: no error is sent.
  using HopAddress = std::function<std::optional<IpAddress>(const IpView& packet)>;

  struct Options {
    Unreachables unreachables = Unreachables::tell;
    ErrorLimits error_limits;
  };

  // `pool` must outlive the forwarder; errors are made from it.
  Forwarder(const Options& options, HopAddress hop_address, PacketPool& pool, Random& random);

  // Changes the options; limits start anew.
  void configure(const Options& options, Random& random);

  // Forwards one packet. Errors go out on `back`; none are sent when it is null.
  void forward(Packet packet, Router& router, Link* back, Time now);

  // Tells the sender of a packet that was forwarded, and did not get on after all, why not; `mtu`,
  // for too_big, is what would have fitted. Whether an error went out on `back`. The packet's
  // counter is whoever's who found out.
  bool answer(const IpView& packet, DropReason reason, std::size_t mtu, Link& back, Time now);

  // Errors that were due but over the limit.
  [[nodiscard]] std::uint64_t errors_suppressed() const { return errors_suppressed_; }

 private:
  // Sends it on, or says why not; `mtu` is then the size that would have fitted, for too_big.
  [[nodiscard]] std::optional<DropReason> try_forward(Packet& packet, const IpView& view,
                                                      Router& router, std::size_t& mtu, Time now);
  Options options_;
  HopAddress hop_address_;
  PacketPool& pool_;
  ErrorLimiter limiter_;
  std::uint64_t errors_suppressed_ = 0;
};

}  // namespace oneping
