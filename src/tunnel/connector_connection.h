// The connector's end of one tunnel connection: registers on the control stream, takes pushed
// configuration and UDP sessions that the edge asks for, and passes IP packets and the sessions'
// payloads both ways.
// Lifetime as for EdgeConnection.
#pragma once

#include <memory>
#include <string>

#include "base/packet.h"
#include "base/result.h"
#include "quic/connection.h"
#include "tunnel/registration.h"
#include "tunnel/tunnel_link.h"
#include "tunnel/udp_session.h"

namespace oneping::tunnel {

class ConnectorConnection;

class ConnectorConnectionEvents {
 public:
  virtual ~ConnectorConnectionEvents() = default;
  virtual void on_registered(ConnectorConnection& connection, const RegistrationAccepted& details,
                             Time now) = 0;
  virtual void on_refused(ConnectorConnection& connection, const RegistrationRefused& refusal,
                          Time now) = 0;
  // The edge has answered unregister(); the connection may now be closed.
  virtual void on_unregistered(ConnectorConnection& connection, Time now) = 0;
  // Pushed configuration (JSON). An error goes back to the edge as text.
  virtual Result<void> on_configuration(ConnectorConnection& connection, std::int32_t version,
                                        std::string_view json, Time now) = 0;
  virtual void on_packet(ConnectorConnection& connection, Bytes packet, Time now) = 0;
  // The edge asks for a UDP session, or for one that it has asked for before. A payload that came
  // along follows when it is accepted.
  virtual UdpAnswer on_udp_register(ConnectorConnection& connection,
                                    const UdpRegistration& registration, Time now) = 0;
  virtual void on_udp_payload(ConnectorConnection& connection, const Uuid& session, Bytes payload,
                              Time now) = 0;
  virtual void on_udp_end(ConnectorConnection& connection, const Uuid& session, Time now) = 0;
  // The edge asks whether a TCP connection can be made: answer_connect() says so.
  virtual void on_connect_check(ConnectorConnection& connection, quic::StreamId stream,
                                const SocketAddress& destination, Time now) = 0;
  virtual void on_bad_datagram(ConnectorConnection& connection, DropReason reason, Time now) = 0;
  virtual void on_closed(ConnectorConnection& connection, const quic::CloseInfo& info,
                         Time now) = 0;
};

class ConnectorConnection final : public quic::ConnectionEvents {
 public:
  // Registers with `registration` as soon as QUIC is ready; its features say which datagram format
  // the connection speaks. The QUIC connection does not exist yet: start() brings it. `pool` must
  // outlive both.
  ConnectorConnection(Registration registration, PacketPool& pool,
                      ConnectorConnectionEvents& events);
  ~ConnectorConnection() override;

  // The connection whose events this is.
  void start(quic::Connection& connection);

  [[nodiscard]] TunnelLink& link();
  [[nodiscard]] quic::Connection& quic();
  [[nodiscard]] bool is_registered() const;

  // Tells the edge that a UDP session has ended of itself, where there is a way to (v2).
  void end_udp(const Uuid& session, std::string_view why);

  // No error: it was made. One that nobody waits for any more is no matter.
  void answer_connect(quic::StreamId stream, std::string_view error);

  // Graceful end, first half: asks the edge for no new flows.
  void unregister();
  // Says goodbye. No event follows; the owner destroys this afterwards.
  void close(std::string_view reason);

  // Runs what the RPC system has ready. The owner calls it once a loop turn, before flush().
  void run(Time now);

  void on_ready(Time now) override;
  void on_datagram(Bytes datagram, Time now) override;
  void on_stream_data(quic::StreamId stream, Bytes bytes, bool fin, Time now) override;
  void on_stream_closed(quic::StreamId stream, Time now) override;
  void on_closed(const quic::CloseInfo& info, Time now) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping::tunnel
