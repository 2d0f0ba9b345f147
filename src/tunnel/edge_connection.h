// The edge's end of one tunnel connection: serves registration on the control stream (the first
// that the connector opens), pushes configuration, asks for UDP sessions, and passes IP packets and
// the sessions' payloads both ways.
//
// It is the ConnectionEvents of its quic::Connection. Its owner keeps it until on_closed(), or ends
// it with close(). Destroy it only then, and not inside one of its own events.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/counters.h"
#include "base/packet.h"
#include "base/result.h"
#include "quic/connection.h"
#include "tunnel/registration.h"
#include "tunnel/tunnel_link.h"
#include "tunnel/udp_session.h"

namespace oneping::tunnel {

class EdgeConnection;

class EdgeConnectionEvents {
 public:
  virtual ~EdgeConnectionEvents() = default;
  // Decides about a registration. After an acceptance the connection's datagram format is set and
  // packets flow. After a refusal the connector is expected to go away; the owner closes it when it
  // has not after a while.
  virtual RegistrationAnswer on_register(EdgeConnection& connection,
                                         const Registration& registration, Time now) = 0;
  // The connector drains: give it no new flows. It closes by itself.
  virtual void on_unregister(EdgeConnection& connection, Time now) = 0;
  // An IP packet, unchecked, from a registered connection.
  virtual void on_packet(EdgeConnection& connection, Bytes packet, Time now) = 0;
  // What the connector says to a UDP session that was asked for, or says of its own accord.
  virtual void on_udp_answer(EdgeConnection& connection, const Uuid& session,
                             const UdpAnswer& answer, Time now) = 0;
  virtual void on_udp_payload(EdgeConnection& connection, const Uuid& session, Bytes payload,
                              Time now) = 0;
  // Whether a TCP connection that ask_connect() was about can be made: no error, or why not.
  virtual void on_connect_answer(EdgeConnection& connection, quic::StreamId call,
                                 const std::string& error, Time now) = 0;
  // The connector has ended a session.
  virtual void on_udp_end(EdgeConnection& connection, const Uuid& session, Time now) = 0;
  // A datagram that held none of these, or came before registration (no_connection).
  virtual void on_bad_datagram(EdgeConnection& connection, DropReason reason, Time now) = 0;
  virtual void on_closed(EdgeConnection& connection, const quic::CloseInfo& info, Time now) = 0;
};

class EdgeConnection final : public quic::ConnectionEvents {
 public:
  // `pool` must outlive it and the QUIC connection.
  EdgeConnection(quic::Connection& connection, PacketPool& pool, EdgeConnectionEvents& events);
  ~EdgeConnection() override;

  [[nodiscard]] TunnelLink& link();
  [[nodiscard]] quic::Connection& quic();
  // What was registered, without the secret; nothing before.
  [[nodiscard]] const std::optional<Registration>& registration() const;
  [[nodiscard]] bool is_draining() const;

  // updateConfiguration on a stream of its own; the answer (applied version or error) goes to the
  // log. `version` must grow. It waits for the acceptance when it is given inside on_register(),
  // and for answers when too many are still out; a later one takes the place of one that waits.
  void push_configuration(std::int32_t version, std::string_view json);

  // Asks for a UDP session. In v3 the datagram, or its answer, may be lost: then ask again. False
  // if it could not even be sent. Its payload, if it has one, goes along in v3 only.
  [[nodiscard]] bool register_udp(const UdpRegistration& registration, Time now);
  // Ends one, where there is a way to (v2).
  void end_udp(const Uuid& session, std::string_view why);

  // Asks whether the connector can make a TCP connection; the answer names the call. Nothing when
  // too many are under way. Our own connectors try for some seconds.
  [[nodiscard]] std::optional<quic::StreamId> ask_connect(const SocketAddress& destination);
  void give_up_connect(quic::StreamId call);

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
