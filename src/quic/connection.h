// One QUIC connection with datagrams (RFC 9000, 9221), as its user sees it.
//
// A Connection belongs to its Endpoint and stays at one address. Nothing here makes a system call:
// writes only queue, and go out at the endpoint's next flush().
// It ends in one of two ways. The user calls close(): that is the last use of the reference, and no
// event follows. Or on_closed() is delivered: the reference dies when that call returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/counters.h"
#include "base/packet.h"
#include "base/result.h"
#include "base/time.h"
#include "quic/path.h"
#include "quic/peer_certificate.h"

namespace oneping::quic {

using StreamId = std::int64_t;

enum class CloseKind : std::uint8_t {
  idle_timeout,  // the peer has gone silent
  handshake_timeout,
  refused,     // the peer ended the handshake: a TLS alert, no application protocol in common
  distrusted,  // we did: its certificate does not convince us
  peer,        // the peer closed with an application code
  transport,   // a transport error of either side
  reset,       // stateless reset: the peer has lost the connection
};

struct CloseInfo {
  CloseKind kind = CloseKind::transport;
  std::uint64_t code = 0;
  std::string reason;  // for a person
};

struct ConnectionStats {
  Duration smoothed_rtt{};           // since the handshake, once there is a sample
  std::uint64_t datagrams_lost = 0;  // that had been sent, in packets that the peer never got
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::size_t path_max_udp_payload = 0;  // bytes, as path MTU discovery has found so far
};

// What happens on a connection. Views are valid during the call only. Inside a call every method of
// Connection may be used, close() too.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  // The handshake is done and the peer has accepted ours (for a client: confirmed).
  virtual void on_ready(Time now) = 0;
  virtual void on_datagram(Bytes datagram, Time now) = 0;
  // Bytes in order; the first call for an id that the peer opened makes the stream known. `fin`:
  // nothing follows. The bytes count as consumed, so the receiver must bound what it keeps.
  virtual void on_stream_data(StreamId stream, Bytes bytes, bool fin, Time now) = 0;
  // Both directions are done, or the peer reset the stream.
  virtual void on_stream_closed(StreamId stream, Time now) = 0;
  // The peer's packets come from elsewhere, or ours go from elsewhere: see Connection::path().
  virtual void on_path_changed(Time /*now*/) {}
  // Connection::max_datagram_size() is another than it was, first in on_ready().
  virtual void on_datagram_size_changed(Time /*now*/) {}
  virtual void on_closed(const CloseInfo& info, Time now) = 0;
};

class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues a datagram, whose bytes are sent as they are; takes `datagram` by move. When the queue
  // is full the oldest in it is dropped and counted. Refuses, leaving `datagram` alone: too_big
  // (see max_datagram_size), link_down (not ready, peer without datagrams).
  [[nodiscard]] virtual std::optional<DropReason> send_datagram(Packet& datagram, Time now) = 0;

  // The largest datagram that the path and the peer take now, in bytes. Grows with path MTU
  // discovery, may fall after a migration. 0 while not ready or if the peer takes none.
  [[nodiscard]] virtual std::size_t max_datagram_size() const = 0;

  // Opens a bidirectional stream; fails when the peer allows no more now.
  [[nodiscard]] virtual Result<StreamId> open_stream() = 0;
  // The same for one that only we write.
  [[nodiscard]] virtual Result<StreamId> open_unidirectional_stream() {
    return fail("opening a stream: this connection has no unidirectional ones");
  }
  // Queues a copy of `bytes`; `fin` ends our direction. A stream that is gone ignores it.
  virtual void write(StreamId stream, Bytes bytes, bool fin) = 0;
  // Ends both directions at once with an application error code.
  virtual void reset_stream(StreamId stream, std::uint64_t code) = 0;
  // Bytes queued on a stream that the peer has not acknowledged.
  [[nodiscard]] virtual std::size_t unacknowledged(StreamId stream) const = 0;

  // A client's way to another network: from now on packets leave from `local`, and the peer, once
  // it has proved that way, answers there. Fails before the connection is ready, if that is where
  // it is already, and when too many moves came within a round trip: then later is better.
  [[nodiscard]] virtual Result<void> migrate(const SocketAddress& /*local*/, Time /*now*/) {
    return fail("moving to another address: this connection cannot");
  }

  // From now on the peer hears from us at least so often, and in any case twice in the idle timeout
  // that both ends keep; zero: only when there is something to say. Begins as TransportOptions has
  // it.
  virtual void set_keep_alive(Duration /*interval*/) {}

  // Says goodbye with an application code and is gone for the user (see above).
  virtual void close(std::uint64_t code, std::string_view reason) = 0;

  [[nodiscard]] virtual bool is_ready() const = 0;
  [[nodiscard]] virtual Path path() const = 0;
  // The application protocol that both ends agreed on; empty while they have not.
  [[nodiscard]] virtual std::string_view alpn() const { return {}; }
  // Who the client is by its certificate, whose chain, dates and possession have been checked. Null
  // for a client's own end, before on_ready(), and if the client has shown none.
  [[nodiscard]] virtual const PeerCertificate* peer_certificate() const { return nullptr; }
  [[nodiscard]] virtual ConnectionStats stats() const = 0;
  // What became of the datagrams given to send_datagram.
  [[nodiscard]] virtual const StageCounters& datagram_counters() const = 0;

 protected:
  Connection() = default;
  ~Connection() = default;
};

}  // namespace oneping::quic
