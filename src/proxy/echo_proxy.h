// The connector's ICMP proxy: sends the echo requests of many clients as its own, and turns each
// reply back into the one that the client waits for.
//
// It is a NAT without privilege. A request gets a slot (echo_slots.h) whose channel and sequence
// number stand for the client on the wire; those of one flow differ there as they do at the client.
// A reply goes to a client only because the host that was asked has answered that very request:
// slot, source address and payload must match. Nothing is ever made up. Destinations that are no
// other single host are refused (destination_filter.h).
//
// An ICMP error that quotes such a request goes to its client too, from the router that sent it,
// with the quote as the client wrote it (RFC 5508, REQ-4). A request that this host could not send
// comes back to the owner, who knows what a router says then.
//
// The path can be hidden: then every request leaves with the system's own hop limit, so that none
// ends on the way, and what routers say stays here.
//
// Owns the slots. Backend, pool and events must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "base/random.h"
#include "proxy/destination_filter.h"
#include "proxy/echo_backend.h"
#include "proxy/echo_slots.h"
#include "proxy/keyed_hash.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {

class EchoProxyEvents {
 public:
  virtual ~EchoProxyEvents() = default;
  // A whole echo reply or error to the client, with the hop limit that it came in with; `tag` is
  // the request's.
  virtual void on_answer(Packet packet, std::uint8_t tag, Time now) = 0;
  // `request`, of which only the beginning may be there, was taken and could not be sent on after
  // all; `mtu` as for EchoFailure. Whether the client was told.
  virtual bool on_undeliverable(const IpView& request, DropReason reason, std::size_t mtu,
                                std::uint8_t tag, Time now) = 0;
};

class EchoProxy final : public EchoReplies {
 public:
  struct Options {
    EchoSlots::Options slots = {};
    std::vector<Prefix> allow_destinations = {};  // allowed although otherwise refused
  };

  EchoProxy(Options options, EchoBackend& backend, PacketPool& pool, EchoProxyEvents& events,
            Random& random);

  void hide_path(bool hidden) { is_path_hidden_ = hidden; }

  // Takes a whole echo request whose hop limit is already lowered, and queues it at the backend.
  // `tag` comes back with the answers. Refusals, besides the backend's own: not_echo_request,
  // source_refused, destination_refused, hop_limit_exceeded, icmp_unavailable, flow_table_full.
  [[nodiscard]] std::optional<DropReason> request(const IpView& ip, const IcmpView& icmp,
                                                  std::uint8_t tag, Time now);

  void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time now) override;
  void on_echo_error(const EchoSlot& slot, const EchoError& error, Time now) override;
  bool on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time now) override;

  // Forgets requests whose time is up; at a backlog a bounded number, with the deadline still due.
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;

  // Requests: forwarded means handed to the backend. Replies and errors: handed to the events.
  [[nodiscard]] const StageCounters& request_counters() const { return requests_; }
  [[nodiscard]] const StageCounters& reply_counters() const { return replies_; }
  [[nodiscard]] const StageCounters& error_counters() const { return errors_; }
  [[nodiscard]] std::uint64_t duplicates() const {
    return duplicates_;
  }  // of the forwarded replies
  // Requests that got no answer in time, and those that gave way to newer ones.
  [[nodiscard]] std::uint64_t expired() const;
  [[nodiscard]] std::uint64_t evicted() const;
  [[nodiscard]] std::size_t outstanding() const;
  [[nodiscard]] std::size_t memory() const;  // bytes in tables

 private:
  [[nodiscard]] std::optional<DropReason> forward_request(const IpView& ip, const IcmpView& icmp,
                                                          std::uint8_t tag, Time now);
  [[nodiscard]] bool is_refused(const IpAddress& destination) const;
  [[nodiscard]] std::optional<DropReason> forward_reply(const EchoSlot& slot,
                                                        const EchoReply& reply, Time now);
  [[nodiscard]] std::optional<DropReason> forward_error(const EchoSlot& slot,
                                                        const EchoError& error, Time now);
  // The request of a record, as far as `payload`, which the network or the system gave back, may be
  // its own.
  [[nodiscard]] bool may_be_payload(const EchoRecord& record, Bytes payload) const;
  [[nodiscard]] std::uint32_t fingerprint(Bytes payload) const;
  [[nodiscard]] std::uint64_t flow_of(const EchoRecord& record) const;
  [[nodiscard]] EchoSlots& slots(EchoChannelKind kind);

  DestinationFilter filter_;
  EchoBackend& backend_;
  PacketPool& pool_;
  EchoProxyEvents& events_;
  KeyedHash hash_;
  std::array<EchoSlots, kEchoChannelKinds> slots_;
  std::uint32_t identification_;  // of the next reply
  StageCounters requests_;
  StageCounters replies_;
  StageCounters errors_;
  std::uint64_t duplicates_ = 0;
  bool is_path_hidden_ = false;
};

}  // namespace oneping
