// The connector's UDP proxy: sends the datagrams of many clients from its own sockets, and turns
// what comes back into the packets that they wait for.
//
// It is a NAT without privilege (udp_mappings.h). Datagrams come as whole packets of clients, or by
// sessions of the tunnel protocol. What comes back goes to a client only if he has sent to where it
// comes from, on the same port. Destinations that are no other single host are refused
// (destination_filter.h).
//
// The path can be hidden: then every datagram leaves with the system's own hop limit, and only what
// a destination says of itself comes back, nothing that routers say.
//
// Owns the mappings. Backend, pool and events must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/uuid.h"
#include "proxy/destination_filter.h"
#include "proxy/sent_probes.h"
#include "proxy/udp_backend.h"
#include "proxy/udp_mappings.h"
#include "wire/ip.h"
#include "wire/udp.h"

namespace oneping {

class UdpProxyEvents {
 public:
  virtual ~UdpProxyEvents() = default;
  // A whole packet to a client: a datagram with the hop limit that it came in with, or an ICMP
  // error about one of his; `tag` is that of what he sent last.
  virtual void on_udp_answer(Packet packet, std::uint8_t tag, Time now) = 0;
  // This host could not send a client's packet on, which is given as it came in here: its beginning
  // at least. `mtu`, for too_big, would have fitted. Whether the client was told.
  virtual bool on_udp_undeliverable(const IpView& packet, DropReason reason, std::size_t mtu,
                                    std::uint8_t tag, Time now) = 0;
  // A datagram to a session, or why it cannot go there.
  virtual std::optional<DropReason> on_session_answer(const Uuid& session, Bytes payload,
                                                      std::uint8_t tag, Time now) = 0;
  // A session has ended of itself.
  virtual void on_session_over(const Uuid& session, std::uint8_t tag) = 0;
};

class UdpProxy final : public UdpReplies, private UdpMappingEvents {
 public:
  struct Options {
    UdpMappingOptions mappings = {};
    std::vector<Prefix> allow_destinations = {};  // allowed although otherwise refused
  };

  UdpProxy(Options options, UdpBackend& backend, PacketPool& pool, UdpProxyEvents& events,
           Random& random);

  void hide_path(bool hidden) { is_path_hidden_ = hidden; }

  // Takes a whole packet whose hop limit is already lowered, and queues its datagram at the
  // backend. `tag` comes back with the answers. Refusals, besides the backend's own:
  // source_refused, destination_refused, hop_limit_exceeded, flow_table_full, device_flow_limit.
  [[nodiscard]] std::optional<DropReason> send(const IpView& ip, const UdpView& udp,
                                               std::uint8_t tag, Time now);

  // Opens a session, or, when it is known and its remote end the same, keeps it and moves it to
  // this tag. Refusals as for packets; a known one with another remote end is reply_mismatch.
  [[nodiscard]] std::optional<DropReason> open_session(const Uuid& id, const SocketAddress& remote,
                                                       Duration idle, std::uint8_t tag, Time now);
  // Refuses no_flow, when there is no such session.
  [[nodiscard]] std::optional<DropReason> send_session(const Uuid& id, Bytes payload, Time now);
  // One that is not there is no matter.
  void close_session(const Uuid& id);

  void on_udp_reply(UdpSocketId socket, const UdpReply& reply, Time now) override;
  void on_udp_error(UdpSocketId socket, const UdpError& error, Time now) override;
  bool on_udp_failure(UdpSocketId socket, const UdpFailure& failure, Time now) override;

  // Forgets what is idle; at a backlog a bounded number, with the deadline still due.
  void on_time(Time now) { mappings_.expire(now); }
  [[nodiscard]] Time next_deadline() const { return mappings_.next_deadline(); }

  // Packets of clients: forwarded means handed to the backend. Replies: forwarded means handed to
  // the events. Errors likewise.
  [[nodiscard]] const StageCounters& request_counters() const { return requests_; }
  [[nodiscard]] const StageCounters& reply_counters() const { return replies_; }
  [[nodiscard]] const StageCounters& error_counters() const { return errors_; }
  // Payloads of sessions, to the network and back.
  [[nodiscard]] const StageCounters& session_request_counters() const { return session_requests_; }
  [[nodiscard]] const StageCounters& session_reply_counters() const { return session_replies_; }
  [[nodiscard]] const UdpMappings& mappings() const { return mappings_; }

 private:
  using Place = UdpMappings::Place;

  [[nodiscard]] std::optional<DropReason> forward(const IpView& ip, const UdpView& udp,
                                                  std::uint8_t tag, Time now);
  [[nodiscard]] std::optional<DropReason> forward_session(const Uuid& id, Bytes payload, Time now);
  [[nodiscard]] std::optional<DropReason> forward_reply(const UdpMappings::Mapping& mapping,
                                                        const UdpReply& reply, Time now);
  [[nodiscard]] std::optional<DropReason> forward_error(UdpSocketId socket, const UdpError& error,
                                                        Time now);
  void on_mapping_over(const UdpOwner& owner, std::uint8_t tag) override {
    if (owner.is_session()) events_.on_session_over(owner.session(), tag);
  }
  // What was sent to that flow's remote end and is quoted so, or the last that was; and how many
  // errors about it there have been.
  struct About {
    const UdpSent& sent;
    std::uint8_t& errors;
  };
  [[nodiscard]] About what_is_quoted(UdpMappings::Flow& flow, const SocketAddress& client,
                                     Bytes payload);
  [[nodiscard]] bool is_refused(const SocketAddress& destination) const;

  DestinationFilter filter_;
  UdpBackend& backend_;
  PacketPool& pool_;
  UdpProxyEvents& events_;
  UdpMappings mappings_;
  SentProbes probes_;
  std::uint32_t identification_;  // of the next reply
  StageCounters requests_;
  StageCounters replies_;
  StageCounters errors_;
  StageCounters session_requests_;
  StageCounters session_replies_;
  bool is_path_hidden_ = false;
};

}  // namespace oneping
