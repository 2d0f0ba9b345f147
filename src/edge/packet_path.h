// The packet path of the edge, the first hop. A client's echo request begins or continues a flow:
// its sender's policy is asked once, its route at each packet, and a connection of the route's
// tunnel kept while it is good. Replies and errors come back on any connection of that tunnel, and
// only for a live flow.
//
// A verdict holds until policies, or what is known of the sender, change; then it is asked again at
// the flow's next packet, either way. A refused flow is remembered too, and nothing comes back on
// it. The policy is judged before the route, so that who may not go there learns nothing about it.
// Before anything else a packet's source must be its client's own (BCP 38), and its device within
// its limits.
//
// No packet allocates, but for the first of a client after a change of policies. Tunnels, pool and
// flow log must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "base/random.h"
#include "edge/client_table.h"
#include "edge/config.h"
#include "edge/flow_log.h"
#include "edge/tunnel_table.h"
#include "flow/echo_flow.h"
#include "flow/flow_table.h"
#include "forward/forwarder.h"

namespace oneping::edge {

class PacketPath {
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
  void on_time(Time now);

  // What went through this hop, by direction.
  [[nodiscard]] const TrafficCounters& to_network() const { return to_network_.traffic(); }
  [[nodiscard]] const TrafficCounters& to_client() const { return to_client_.traffic(); }
  // Verdicts on new flows.
  [[nodiscard]] std::uint64_t verdicts(Protocol protocol, Verdict verdict) const {
    return verdicts_[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::uint64_t errors_suppressed() const { return forwarder_.errors_suppressed(); }
  [[nodiscard]] std::size_t flows() const { return flows_.size(); }
  [[nodiscard]] std::uint64_t flows_evicted() const { return flows_.evicted(); }

 private:
  struct FlowState {
    ClientRef client;
    std::uint64_t judgement = 0;  // the client's, that the verdict is of
    Verdict verdict = Verdict::deny;
    FlowTicket ticket;
    TunnelRef tunnel;  // where its last request went
    ConnectionRef connection;
  };
  using Flows = FlowTable<EchoFlow, FlowState>;

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

  [[nodiscard]] tl::expected<FlowState*, DropReason> flow_of(const EchoFlow& key, ClientRef from,
                                                             const Client& client, Time now);
  void judge_again(const EchoFlow& key, FlowState& flow, const Client& client);
  [[nodiscard]] PolicyDecision decide(const EchoFlow& key, const Client& client) const;
  [[nodiscard]] std::optional<RouteTarget> find_route(const EchoFlow& key,
                                                      const Client& client) const;
  void tell(const EchoFlow& key, const Client& client, const PolicyDecision& decision);

  TunnelTable& tunnels_;
  PacketPool& pool_;
  FlowLog* flow_log_;
  std::optional<IpAddress> hop_v4_;
  std::optional<IpAddress> hop_v6_;
  ClientTable clients_;
  Forwarder forwarder_;
  Flows flows_;
  RequestRouter to_network_{*this};
  ReplyRouter to_client_{*this};
  std::array<std::array<std::uint64_t, 2>, 2> verdicts_{};
};

}  // namespace oneping::edge
