// The edge: the first hop. Clients' packets come in (from its TUN device, later from devices), are
// routed to a tunnel, and leave as datagrams on one of the tunnel's connections; replies come back
// on any connection of that tunnel and go to the link that the flow came from.
//
// It decides about registrations (the tunnel's secret), keeps each flow on one connection, moves it
// at once when that connection goes, and lets back in only what belongs to a live flow.
// Pure: the owner feeds it packets and time, and calls run() once a turn before the QUIC endpoint's
// flush(). Pool, random and links must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/packet.h"
#include "base/random.h"
#include "base/token_bucket.h"
#include "edge/config.h"
#include "edge/session.h"
#include "edge/tunnel_table.h"
#include "flow/echo_flow.h"
#include "flow/flow_table.h"
#include "forward/forwarder.h"
#include "quic/endpoint.h"

namespace oneping::edge {

class Edge final : public quic::Acceptor, private SessionEvents {
 public:
  Edge(const EdgeConfig& config, PacketPool& pool, Random& random);
  ~Edge() override;

  // A packet from a client. Replies to the flow that it starts go to `from`, errors too.
  void on_client_packet(Packet packet, Link& from, Time now);

  // New tunnels, routes, hop addresses and ICMP behaviour; the flow table keeps its size.
  // Connections of tunnels that are gone, or whose secret has changed, are closed.
  void reconfigure(const EdgeConfig& config);

  // Once a turn: RPC that is ready, connections that are gone.
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const { return next_tick_; }

  // Closes every connection: the edge stops.
  void shut_down();

  [[nodiscard]] const TunnelTable& tunnels() const { return tunnels_; }
  [[nodiscard]] const StageCounters& counters() const { return forwarder_.counters(); }
  [[nodiscard]] std::uint64_t errors_suppressed() const { return forwarder_.errors_suppressed(); }
  [[nodiscard]] std::size_t flows() const { return flows_.size(); }
  [[nodiscard]] std::uint64_t flows_evicted() const { return flows_.evicted(); }
  [[nodiscard]] std::uint64_t registrations_refused() const { return registrations_refused_; }

  // quic::Acceptor
  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time now) override;

 private:
  struct FlowState {
    RouteTarget tunnel = 0;
    ConnectionRef connection;
    Link* client = nullptr;
  };
  using Flows = FlowTable<EchoFlow, FlowState>;

  // Towards the network: an echo request becomes, or continues, a flow to a tunnel.
  class RequestRouter final : public Router {
   public:
    RequestRouter(Edge& edge) : edge_(edge) {}
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    Link* from = nullptr;

   private:
    Edge& edge_;
  };

  // Back to the client: an echo reply, or an error that quotes a request, of a live flow.
  class ReplyRouter final : public Router {
   public:
    ReplyRouter(Edge& edge) : edge_(edge) {}
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    RouteTarget tunnel = 0;

   private:
    Edge& edge_;
  };

  tunnel::RegistrationAnswer on_register(Session& session, const tunnel::Registration& registration,
                                         Time now) override;
  void on_tunnel_packet(Session& session, Bytes packet, Time now) override;
  void on_bad_datagram(Session& session, DropReason reason, Time now) override;
  void on_unregister(Session& session, Time now) override;
  void on_closed(Session& session, const quic::CloseInfo& info, Time now) override;

  void close_earlier(const tunnel::Registration& registration, RouteTarget tunnel);
  template <typename Condition>
  void close_if(Condition condition, std::string_view reason);
  void retire(Session& session);
  [[nodiscard]] std::string name(const Session& session) const;

  EdgeConfig config_;
  PacketPool& pool_;
  Random& random_;
  TunnelTable tunnels_;
  Forwarder forwarder_;
  Flows flows_;
  RequestRouter requests_{*this};
  ReplyRouter replies_{*this};
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> graveyard_;  // gone, but perhaps inside one of their events
  Time next_tick_{};
  TokenBucket strangers_logged_{1, 10};  // anybody can connect: his log lines are limited
  std::uint64_t registrations_refused_ = 0;
};

}  // namespace oneping::edge
