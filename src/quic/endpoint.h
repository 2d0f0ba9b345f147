// All QUIC connections of one UDP socket: packets and time go in, packets and a deadline come out.
//
// A turn of the loop is: on_packets() for all that has come, on_time() if next_deadline() is due,
// then flush() once, which writes everything that has queued up on any connection, many datagram
// frames to a packet and many packets to a send. One `now` is used for a whole turn, and it never
// goes back. The endpoint belongs to one thread; events are delivered from on_packets() and
// on_time() only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "quic/connection.h"
#include "quic/path.h"
#include "quic/tls.h"

namespace oneping::quic {

struct TransportOptions {
  Duration idle_timeout = std::chrono::seconds(5);
  Duration handshake_timeout = std::chrono::seconds(5);
  Duration keep_alive = std::chrono::seconds(1);  // zero: none
  std::uint64_t max_datagram_frame_size = 16383;  // bytes with the frame's header; what we accept
  // Datagrams waiting for the congestion window: at most so many, and none older than this.
  std::size_t datagram_queue_packets = 4096;
  Duration datagram_queue_age = std::chrono::milliseconds(100);
  // Bytes that a stream may hold unacknowledged on our side before the connection is closed as
  // broken: streams carry control only.
  std::size_t max_stream_backlog = 1 << 20;
};

struct EndpointOptions {
  TransportOptions transport;
  // For servers: above so many unfinished handshakes clients must prove their address by Retry;
  // above max_connections new ones are refused.
  std::size_t retry_above = 64;
  std::size_t max_connections = 4096;
  // Makes stateless resets and Retry tokens recognisable after a restart. Keep it in the state
  // folder.
  std::array<std::uint8_t, 32> static_secret{};
};

struct EndpointStats {
  std::uint64_t udp_received = 0;  // QUIC packets (UDP payloads)
  std::uint64_t udp_sent = 0;
  std::uint64_t udp_ignored = 0;  // not QUIC, unknown connection, garbage
  std::uint64_t handshakes_started = 0;
  std::uint64_t handshakes_failed = 0;
};

// Decides who gets the events of a connection that a client opened.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  // Called when a new client's hello has come, before the handshake is done: what it wants to speak
  // is known by Connection::alpn(). The events object must live until on_closed() or close().
  virtual ConnectionEvents& on_connection(Connection& connection, Time now) = 0;
};

class Endpoint {
 public:
  // `random` must outlive the endpoint. `acceptor` null: a client, which refuses what comes in.
  Endpoint(EndpointOptions options, std::shared_ptr<const TlsContext> tls, Random& random,
           Acceptor* acceptor);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // One or more UDP payloads laid end to end (see UdpSender::send), as GRO gives them.
  void on_packets(const Path& path, Bytes bytes, std::size_t segment_size, Time now);
  void on_time(Time now);
  // When on_time() is due next; kNever if nothing waits.
  [[nodiscard]] Time next_deadline() const;
  void flush(Time now, UdpSender& out);

  // Starts a handshake. `events` as for Acceptor.
  [[nodiscard]] Result<Connection*> connect(const Path& path, ConnectionEvents& events, Time now);

  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] const EndpointStats& stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping::quic
