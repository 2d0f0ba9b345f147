// One of the connector's connections to an edge, over all its lives: it dials, registers, serves,
// and when it is lost waits and dials again.
//
// Timers: kRegistrationTimeout runs from dialling to registration and ends the attempt; the
// back-off runs from the end of a connection to the next dial.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/backoff.h"
#include "connector/config.h"
#include "tunnel/connector_connection.h"

namespace oneping::connector {

class Uplink;

// Makes QUIC connections to an edge. `attempt` counts the dials of this uplink from 0, so that
// another of the edge's addresses can be taken each time.
class Dialer {
 public:
  virtual ~Dialer() = default;
  [[nodiscard]] virtual Result<quic::Connection*> dial(std::uint8_t index, unsigned attempt,
                                                       quic::ConnectionEvents& events,
                                                       Time now) = 0;
};

// What the edge wants to know; of one of the uplink's connections.
struct ConnectCheck {
  SocketAddress destination;
  unsigned connection;
  quic::StreamId stream;
};

class UplinkEvents {
 public:
  virtual ~UplinkEvents() = default;
  virtual void on_registered(Uplink& uplink, Time now) = 0;
  // The edge will not have us; the uplink goes on trying slowly unless it is stopped.
  virtual void on_refused(Uplink& uplink, const tunnel::RegistrationRefused& refusal, Time now) = 0;
  virtual Result<void> on_configuration(Uplink& uplink, std::int32_t version,
                                        std::string_view json) = 0;
  virtual void on_tunnel_packet(Uplink& uplink, Bytes packet, Time now) = 0;
  virtual tunnel::UdpAnswer on_udp_register(Uplink& uplink,
                                            const tunnel::UdpRegistration& registration,
                                            Time now) = 0;
  virtual void on_udp_payload(const Uuid& session, Bytes payload, Time now) = 0;
  virtual void on_udp_end(const Uuid& session) = 0;
  // The edge asks whether a TCP connection can be made: answer_connect() says so.
  virtual void on_connect_check(Uplink& uplink, const ConnectCheck& check) = 0;
  virtual void on_bad_datagram(DropReason reason) = 0;
};

class Uplink final : private tunnel::ConnectorConnectionEvents {
 public:
  static constexpr Duration kRegistrationTimeout = std::chrono::seconds(5);

  // All references must outlive the uplink.
  Uplink(std::uint8_t index, const ConnectorConfig& config, Dialer& dialer, PacketPool& pool,
         UplinkEvents& events, Random& random);
  ~Uplink() override;

  void start(Time now);
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const { return deadline_; }

  // Takes no new flows from now on, but still answers; see is_unregistered().
  void unregister();
  // For good.
  void stop(std::string_view reason);

  [[nodiscard]] std::uint8_t index() const { return index_; }
  [[nodiscard]] bool is_started() const { return state_ != State::idle; }
  [[nodiscard]] bool is_registered() const { return state_ == State::registered; }
  // Whether packets can be sent on link(): registered, or draining.
  [[nodiscard]] bool is_up() const {
    return state_ == State::registered || state_ == State::draining;
  }
  // Nothing more is to be expected from the edge.
  [[nodiscard]] bool is_unregistered() const { return !is_up() || unregistered_; }
  [[nodiscard]] tunnel::TunnelLink& link() { return connection_->link(); }
  // Tells the edge that a UDP session has ended of itself.
  void end_udp(const Uuid& session, std::string_view why) {
    if (is_up()) connection_->end_udp(session, why);
  }
  // No error: it can. No matter when the connection that asked has gone.
  void answer_connect(const ConnectCheck& check, std::string_view error) {
    if (is_up() && check.connection == attempts_) connection_->answer_connect(check.stream, error);
  }
  // Null while there is none.
  [[nodiscard]] const quic::Connection* quic() const { return is_up() ? quic_ : nullptr; }

 private:
  enum class State : std::uint8_t { idle, waiting, connecting, registered, draining, stopped };

  void dial(Time now);
  void wait(Time now);
  [[nodiscard]] tunnel::Registration registration() const;
  void drop_connection();

  void on_registered(tunnel::ConnectorConnection& connection,
                     const tunnel::RegistrationAccepted& details, Time now) override;
  void on_refused(tunnel::ConnectorConnection& connection,
                  const tunnel::RegistrationRefused& refusal, Time now) override;
  void on_unregistered(tunnel::ConnectorConnection& connection, Time now) override;
  Result<void> on_configuration(tunnel::ConnectorConnection& connection, std::int32_t version,
                                std::string_view json, Time now) override;
  void on_packet(tunnel::ConnectorConnection& connection, Bytes packet, Time now) override;
  tunnel::UdpAnswer on_udp_register(tunnel::ConnectorConnection& connection,
                                    const tunnel::UdpRegistration& registration, Time now) override;
  void on_udp_payload(tunnel::ConnectorConnection& connection, const Uuid& session, Bytes payload,
                      Time now) override;
  void on_udp_end(tunnel::ConnectorConnection& connection, const Uuid& session, Time now) override;
  void on_connect_check(tunnel::ConnectorConnection& connection, quic::StreamId stream,
                        const SocketAddress& destination, Time now) override;
  void on_bad_datagram(tunnel::ConnectorConnection& connection, DropReason reason,
                       Time now) override;
  void on_closed(tunnel::ConnectorConnection& connection, const quic::CloseInfo& info,
                 Time now) override;

  std::uint8_t index_;
  const ConnectorConfig& config_;
  Dialer& dialer_;
  PacketPool& pool_;
  UplinkEvents& events_;
  Random& random_;
  Backoff backoff_;
  State state_ = State::idle;
  bool unregistered_ = false;
  unsigned attempts_ = 0;  // dials so far
  unsigned failures_ = 0;  // since the last registration
  Time deadline_ = kNever;
  quic::Connection* quic_ = nullptr;
  std::unique_ptr<tunnel::ConnectorConnection> connection_;
  std::unique_ptr<tunnel::ConnectorConnection> gone_;  // perhaps inside one of its events
};

}  // namespace oneping::connector
