// The hop: takes a packet that came in, asks the role where it goes, lowers its hop limit and sends
// it on; or answers its sender with the ICMP error that says why not. Edge and connector are each a
// forwarder with a Router for each direction.
//
// Packets that come in pieces are put together before the role is asked about them, and one that is
// larger than its next link goes on in pieces, if it may.
//
// Every packet given to forward() ends in exactly one counter of its direction: forwarded, answered
// or dropped. Each piece counts as one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/counters.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/time.h"
#include "flow/reassembler.h"
#include "forward/address_limiter.h"
#include "forward/error_for_drop.h"
#include "forward/link.h"
#include "wire/icmp_extensions.h"
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

  // Whether the packet is for this hop's own host, which takes it whatever its hop limit (RFC 1122,
  // 3.2.1.7).
  [[nodiscard]] virtual bool is_here(const IpView& /*packet*/) const { return false; }

  // Where what comes in now comes from, as a number: pieces of different ways do not belong
  // together. And the link to who is there; null if there is none any more.
  [[nodiscard]] virtual std::uint64_t ingress() const { return 0; }
  [[nodiscard]] virtual Link* way_back(std::uint64_t /*ingress*/) { return nullptr; }

  // Counts a packet that did not even become one (a bad datagram, no buffer for it).
  void count_lost(DropReason reason) {
    traffic_.packets.count_in();
    traffic_.packets.count_dropped(reason);
  }
  [[nodiscard]] const TrafficCounters& traffic() const { return traffic_; }

 private:
  friend class Forwarder;
  TrafficCounters traffic_;
  std::unique_ptr<Reassembler> pieces_;  // made when there is one
};

class Forwarder {
 public:
  // This hop's own address as the sender of `packet` should see it. Nothing: no error is sent.
  using HopAddress = std::function<std::optional<IpAddress>(const IpView& packet)>;

  struct Options {
    Unreachables unreachables = Unreachables::tell;
    // What this hop's Time Exceeded calls the interface that the packet came in by, whose MTU it
    // then tells too (RFC 5837). Empty: neither.
    std::string interface_name;
    // Of ICMP errors, by their receivers (RFC 1812, 4.3.2.8; RFC 4443, 2.4 (f)).
    AddressLimits error_limits;
    Reassembler::Options reassembly;  // of each direction
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

  // Gives up packets of this direction whose pieces have not come in time, and tells their senders.
  void on_time(Router& router, Time now);
  [[nodiscard]] static Time next_deadline(const Router& router) {
    return router.pieces_ ? router.pieces_->next_deadline() : kNever;
  }

  // Errors that were due but over the limit.
  [[nodiscard]] std::uint64_t errors_suppressed() const { return errors_suppressed_; }

 private:
  // What has come in: a packet, or the pieces of one.
  struct Incoming {
    std::size_t pieces;
    std::size_t bytes;
  };
  [[nodiscard]] Reassembler& pieces_of(Router& router);
  void forward_whole(Packet packet, const IpView& view, const Incoming& incoming, Router& router,
                     Link* back, Time now);
  // Sends it on, or says why not; `mtu` is then the size that would have fitted, for too_big.
  [[nodiscard]] std::optional<DropReason> send_on(Packet& packet, const IpView& view,
                                                  Router& router, std::size_t& mtu, Time now);
  [[nodiscard]] std::optional<DropReason> send_in_pieces(const IpView& packet, Link& link,
                                                         std::size_t mtu, Time now);
  // Counts, and tells the sender if there is something to tell.
  void refuse(const IpView& packet, DropReason reason, std::size_t mtu, std::size_t pieces,
              Router& router, Link* back, Time now);
  [[nodiscard]] IncomingInterface incoming_interface(const Link& back) const;

  Options options_;
  HopAddress hop_address_;
  PacketPool& pool_;
  AddressLimiter limiter_;
  std::uint64_t seed_;  // of hashes whose keys others choose
  std::uint64_t errors_suppressed_ = 0;
};

}  // namespace oneping
