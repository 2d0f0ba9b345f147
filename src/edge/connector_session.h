// One connection of a connector, from its first packet to its end: the tunnel protocol's end of it,
// and its place in the tunnel table once it has registered. Hands everything to the edge.
#pragma once

#include <optional>

#include "edge/registration_check.h"
#include "edge/tunnel_table.h"
#include "tunnel/edge_connection.h"

namespace oneping::edge {

class ConnectorSession;

class ConnectorSessionEvents {
 public:
  virtual ~ConnectorSessionEvents() = default;
  virtual tunnel::RegistrationAnswer on_register(ConnectorSession& session,
                                                 const tunnel::Registration& registration,
                                                 Time now) = 0;
  virtual void on_tunnel_packet(ConnectorSession& session, Bytes packet, Time now) = 0;
  virtual void on_udp_answer(ConnectorSession& session, const Uuid& id,
                             const tunnel::UdpAnswer& answer, Time now) = 0;
  virtual void on_udp_payload(ConnectorSession& session, const Uuid& id, Bytes payload,
                              Time now) = 0;
  virtual void on_udp_end(ConnectorSession& session, const Uuid& id, Time now) = 0;
  virtual void on_connect_answer(ConnectorSession& session, quic::StreamId call,
                                 const std::string& error) = 0;
  virtual void on_bad_datagram(ConnectorSession& session, DropReason reason, Time now) = 0;
  virtual void on_unregister(ConnectorSession& session, Time now) = 0;
  virtual void on_closed(ConnectorSession& session, const quic::CloseInfo& info, Time now) = 0;
};

class ConnectorSession final : public tunnel::EdgeConnectionEvents {
 public:
  ConnectorSession(quic::Connection& quic, PacketPool& pool, ConnectorSessionEvents& events,
                   Time now)
      : connection(quic, pool, *this),
        peer(quic.path().remote),
        unregistered_since(now),
        events_(events) {}

  tunnel::EdgeConnection connection;
  SocketAddress peer;       // where its first packet came from
  Time unregistered_since;  // first packet, or refusal
  bool refused = false;
  // While registered: its place in the table, what it proved it by, and the tunnel as it was when
  // that was last looked at.
  std::optional<ConnectionRef> ref;
  Proof proof;
  std::shared_ptr<const TunnelConfig> tunnel;
  bool is_outdated = false;  // the connector must hear what has changed

  tunnel::RegistrationAnswer on_register(tunnel::EdgeConnection&,
                                         const tunnel::Registration& registration,
                                         Time now) override {
    return events_.on_register(*this, registration, now);
  }
  void on_unregister(tunnel::EdgeConnection&, Time now) override {
    events_.on_unregister(*this, now);
  }
  void on_packet(tunnel::EdgeConnection&, Bytes packet, Time now) override {
    events_.on_tunnel_packet(*this, packet, now);
  }
  void on_udp_answer(tunnel::EdgeConnection&, const Uuid& id, const tunnel::UdpAnswer& answer,
                     Time now) override {
    events_.on_udp_answer(*this, id, answer, now);
  }
  void on_udp_payload(tunnel::EdgeConnection&, const Uuid& id, Bytes payload, Time now) override {
    events_.on_udp_payload(*this, id, payload, now);
  }
  void on_udp_end(tunnel::EdgeConnection&, const Uuid& id, Time now) override {
    events_.on_udp_end(*this, id, now);
  }
  void on_connect_answer(tunnel::EdgeConnection&, quic::StreamId call, const std::string& error,
                         Time) override {
    events_.on_connect_answer(*this, call, error);
  }
  void on_bad_datagram(tunnel::EdgeConnection&, DropReason reason, Time now) override {
    events_.on_bad_datagram(*this, reason, now);
  }
  void on_closed(tunnel::EdgeConnection&, const quic::CloseInfo& info, Time now) override {
    events_.on_closed(*this, info, now);
  }

 private:
  ConnectorSessionEvents& events_;
};

}  // namespace oneping::edge
