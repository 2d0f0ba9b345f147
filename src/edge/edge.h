// The edge: the first hop. It takes the connections of connectors and decides about their
// registrations, takes those of devices (edge/device_gate.h), carries packets between clients and
// tunnels (edge/packet_path.h) as the control plane's snapshots say, and knows how each tunnel is.
//
// Pure: the owner feeds it packets and time, and calls run() once a turn before the QUIC endpoint's
// flush(). Pool, random, links and observers must outlive it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/packet.h"
#include "base/random.h"
#include "base/token_bucket.h"
#include "edge/config.h"
#include "edge/connector_session.h"
#include "edge/device_gate.h"
#include "edge/edge_events.h"
#include "edge/flow_log.h"
#include "edge/packet_path.h"
#include "edge/path_checks.h"
#include "edge/snapshot.h"
#include "edge/status.h"
#include "edge/tunnel_table.h"
#include "quic/endpoint.h"

namespace oneping::edge {

// Whom the edge speaks to; null: nobody.
struct EdgeObservers {
  EdgeEvents* events = nullptr;
  FlowLog* flow_log = nullptr;
  DeviceRegistrar* registrar = nullptr;
};

class Edge final : public quic::Acceptor, private ConnectorSessionEvents {
 public:
  // Begins with an empty snapshot: no tunnel, no route, nobody who may send.
  Edge(const EdgeConfig& config, PacketPool& pool, Random& random, EdgeObservers observers = {});
  ~Edge() override;

  // What the control plane has decided. Connections of tunnels that are gone, or that registered
  // with a secret that is no longer good, are closed; all others, and their flows, are untouched.
  void apply(Snapshot snapshot);
  // New hop addresses and ICMP behaviour; the flow table keeps its size.
  void reconfigure(const EdgeConfig& config);

  // A link by which `device` sends; what is for it goes out there. Its flows end when it is
  // removed.
  ClientRef add_client(Link& link, DeviceId device);
  void remove_client(ClientRef client);
  void on_client_packet(Packet packet, ClientRef from, Time now);

  // Once a turn: RPC that is ready, connections that are gone, path checks.
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const {
    return std::min(next_tick_, path_checks_.next_time());
  }

  // Closes every connection: the edge stops.
  void shut_down();

  // Tunnels that have or had connections since this edge started.
  [[nodiscard]] std::vector<TunnelStatus> status(Time now) const;
  // Sessions of devices that there are now.
  [[nodiscard]] std::vector<DeviceSessionStatus> sessions(Time now) const {
    return devices_.status(now);
  }

  // Paths that somebody wants to know of.
  [[nodiscard]] PathChecks& path_checks() { return path_checks_; }

  [[nodiscard]] const Snapshot& snapshot() const { return packets_.clients().snapshot(); }
  [[nodiscard]] const PacketPath& packets() const { return packets_; }
  [[nodiscard]] const TunnelTable& tunnels() const { return tunnels_; }
  [[nodiscard]] const DeviceGate& devices() const { return devices_; }
  [[nodiscard]] std::uint64_t registrations_refused() const { return registrations_refused_; }

  // quic::Acceptor
  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time now) override;

 private:
  tunnel::RegistrationAnswer on_register(ConnectorSession& session,
                                         const tunnel::Registration& registration,
                                         Time now) override;
  void on_tunnel_packet(ConnectorSession& session, Bytes packet, Time now) override;
  void on_udp_answer(ConnectorSession& session, const Uuid& id, const tunnel::UdpAnswer& answer,
                     Time now) override;
  void on_udp_payload(ConnectorSession& session, const Uuid& id, Bytes payload, Time now) override;
  void on_udp_end(ConnectorSession& session, const Uuid& id, Time now) override;
  void on_connect_answer(ConnectorSession& session, quic::StreamId call,
                         const std::string& error) override;
  void on_bad_datagram(ConnectorSession& session, DropReason reason, Time now) override;
  void on_unregister(ConnectorSession& session, Time now) override;
  void on_closed(ConnectorSession& session, const quic::CloseInfo& info, Time now) override;

  tunnel::RegistrationAnswer refuse(ConnectorSession& session,
                                    const tunnel::Registration& registration, const Error& why,
                                    Time now);
  void push_what_changed();
  void push_configuration(ConnectorSession& session);
  [[nodiscard]] LiveConnection* live(const ConnectorSession& session);
  void close_earlier(const tunnel::Registration& registration);
  template <typename Condition>
  void close_if(Condition condition, std::string_view reason);
  void retire(ConnectorSession& session);

  EdgeConfig config_;
  PacketPool& pool_;
  Random& random_;
  EdgeEvents* events_;
  TunnelTable tunnels_;
  PacketPath packets_;
  DeviceGate devices_;
  PathChecks path_checks_;
  std::vector<std::unique_ptr<ConnectorSession>> sessions_;
  std::vector<std::unique_ptr<ConnectorSession>>
      graveyard_;  // gone, but perhaps inside one of their events
  Time next_tick_{};
  TokenBucket strangers_logged_{1, 10};  // anybody can connect: his log lines are limited
  std::uint64_t registrations_refused_ = 0;
};

}  // namespace oneping::edge
