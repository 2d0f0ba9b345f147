// The packet path of the edge, the first hop. A client's echo request or UDP packet begins or
// continues a flow: its sender's policy is asked once, its route at each packet, and a connection
// of the route's tunnel kept while it is good. What comes back does so on any connection of that
// tunnel, and only for a live flow.
//
// UDP goes as whole packets to connectors that carry them, and by sessions of the tunnel protocol
// (edge/udp_sessions.h) to others. An echo flow lives while its client sends, a UDP flow while
// anything goes through it.
//
// A verdict holds until policies, or what is known of the sender, change; then it is asked again at
// the flow's next packet, either way. A refused flow is remembered too, and nothing comes back on
// it. The policy is judged before the route, so that who may not go there learns nothing about it.
// What comes back is looked at in the same way: where no request could go now, nothing comes from.
// Before anything else a packet's source must be its client's own (BCP 38), and its device within
// its limits.
//
// No packet allocates, but for the first of a client after a change of policies, and the first of a
// UDP session. Tunnels, pool and flow log must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "base/random.h"
#include "edge/client_table.h"
#include "edge/config.h"
#include "edge/flow_key.h"
#include "edge/flow_log.h"
#include "edge/tunnel_table.h"
#include "edge/udp_sessions.h"
#include "flow/flow_table.h"
#include "forward/forwarder.h"

namespace oneping::edge {

class PacketPath final : private UdpSessionEvents {
 public:
  // `flow_log` may be null.
  PacketPath(const EdgeConfig& config, TunnelTable& tunnels, PacketPool& pool, Random& random,
             FlowLog* flow_log);

  // Hop addresses and ICMP behaviour; the flow table keeps its size.
  void reconfigure(const EdgeConfig& config, Random& random);

  [[nodiscard]] ClientTable& clients() { return clients_; }
  [[nodiscard]] const ClientTable& clients() const { return clients_; }

  void on_client_packet(Packet packet, ClientRef from, Time now);
  void on_client_packet(Bytes packet, ClientRef from, Time now);  // the same, by a copy
  void on_tunnel_packet(LiveConnection& from, Bytes packet, Time now);
  // A datagram from a connection, or from a client, that held no packet, or none that we could
  // take.
  void on_bad_datagram(DropReason reason) { to_client_.count_lost(reason); }
  void on_bad_client_datagram(DropReason reason) { to_network_.count_lost(reason); }
  // What connectors say of UDP sessions.
  void on_udp_answer(LiveConnection& from, const Uuid& session, const tunnel::UdpAnswer& answer,
                     Time now) {
    sessions_.on_answer(from, session, answer, now);
  }
  void on_udp_payload(LiveConnection& from, const Uuid& session, Bytes payload, Time now) {
    sessions_.on_payload(from, session, payload, now);
  }
  void on_udp_end(LiveConnection& from, const Uuid& session, Time now) {
    sessions_.on_end(from, session, now);
  }
  void on_time(Time now);

  // What went through this hop, by direction.
  [[nodiscard]] const TrafficCounters& to_network() const { return to_network_.traffic(); }
  [[nodiscard]] const TrafficCounters& to_client() const { return to_client_.traffic(); }
  // Verdicts on new flows.
  [[nodiscard]] std::uint64_t verdicts(Protocol protocol, Verdict verdict) const {
    return verdicts_[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::uint64_t errors_suppressed() const { return forwarder_.errors_suppressed(); }
  [[nodiscard]] std::size_t flows(Protocol protocol) const;
  [[nodiscard]] std::uint64_t flows_evicted() const;
  [[nodiscard]] const UdpSessions& udp_sessions() const { return sessions_; }

 private:
  struct FlowState {
    ClientRef client;
    std::uint64_t judgement = 0;  // the client's, that the verdict is of
    Verdict verdict = Verdict::deny;
    FlowTicket ticket;
    TunnelRef tunnel;            // where its last request went
    std::uint64_t revision = 0;  // of the snapshot that led there
    ConnectionRef connection;
  };
  using Flows = FlowTable<FlowKey, FlowState>;

  // The way to a connector by a UDP session; set for each packet.
  class SessionLink final : public Link {
   public:
    explicit SessionLink(UdpSessions& sessions) : sessions_(sessions) {}
    std::optional<DropReason> send(Packet& packet, Time now) override {
      return sessions_.send(flow, connection, packet, now);
    }
    [[nodiscard]] std::size_t max_packet_size() const override { return packet_size; }
    // A session's payload is a whole datagram.
    [[nodiscard]] bool takes_fragments() const override { return false; }
    FlowKey flow;
    ConnectionRef connection;
    std::size_t packet_size = 0;

   private:
    UdpSessions& sessions_;
  };

  class RequestRouter final : public Router {
   public:
    explicit RequestRouter(PacketPath& path) : path_(path) {}
    std::optional<DropReason> admit(const IpView& packet, Time now) override;
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    std::uint64_t ingress() const override;
    Link* way_back(std::uint64_t ingress) override;
    ClientRef from;
    Client* client = nullptr;

   private:
    PacketPath& path_;
  };

  class ReplyRouter final : public Router {
   public:
    explicit ReplyRouter(PacketPath& path) : path_(path) {}
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    std::uint64_t ingress() const override;
    LiveConnection* from = nullptr;

   private:
    PacketPath& path_;
  };

  [[nodiscard]] tl::expected<Link*, DropReason> way_for(const FlowKey& key, ConnectionRef chosen);
  [[nodiscard]] Flows& flows_of(const FlowKey& key);
  [[nodiscard]] tl::expected<FlowState*, DropReason> flow_of(const FlowKey& key, ClientRef from,
                                                             const Client& client, Time now);
  void judge_again(const FlowKey& key, FlowState& flow, const Client& client);
  [[nodiscard]] PolicyDecision decide(const FlowKey& key, const Client& client) const;
  [[nodiscard]] std::optional<RouteTarget> find_route(const FlowKey& key,
                                                      const Client& client) const;
  // Whether the flow's packets go where its last request went still.
  [[nodiscard]] bool leads_there_still(const FlowKey& key, FlowState& flow, const Client& client);
  void tell(const FlowKey& key, const Client& client, const PolicyDecision& decision);

  void on_session_packet(LiveConnection& from, Packet packet, Time now) override;
  bool on_session_refused(const FlowKey& flow, const IpView& packet, DropReason reason,
                          Time now) override;

  TunnelTable& tunnels_;
  PacketPool& pool_;
  FlowLog* flow_log_;
  std::optional<IpAddress> hop_v4_;
  std::optional<IpAddress> hop_v6_;
  ClientTable clients_;
  Forwarder forwarder_;
  Flows echo_flows_;
  Flows udp_flows_;
  Flows dns_flows_;  // UDP to port 53
  bool udp_by_sessions_;
  UdpSessions sessions_;
  SessionLink session_link_{sessions_};
  RequestRouter to_network_{*this};
  ReplyRouter to_client_{*this};
  std::array<std::array<std::uint64_t, 2>, 2> verdicts_{};
};

}  // namespace oneping::edge
