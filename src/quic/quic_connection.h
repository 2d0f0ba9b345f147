// The one implementation of Connection, over ngtcp2.
//
// Owned by the endpoint, which feeds it packets and time and has it flush. It calls its user from
// on_packet() and on_time() only, in part from within ngtcp2's callbacks, where ngtcp2 must not be
// called to write: so all that a user does only queues here and happens at the flush.
//
// Its life: open; then, for the user, over. If there is a farewell it is said at the next flush and
// repeated to a peer that goes on sending (closing, RFC 9000, 10.2.1); if the peer said it we are
// silent (draining, 10.2.2); both end after three PTOs. Then it is dead and the endpoint deletes
// it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quic/connection.h"
#include "quic/datagram_queue.h"
#include "quic/endpoint_state.h"
#include "quic/native.h"
#include "quic/packet_runs.h"
#include "quic/round_trip.h"
#include "quic/stream_set.h"
#include "quic/tls_session.h"

namespace oneping::quic {

class QuicConnection final : public Connection {
 public:
  // `state` must outlive the connection.
  [[nodiscard]] static Result<std::unique_ptr<QuicConnection>> client(EndpointState& state,
                                                                      const Path& path,
                                                                      ConnectionEvents& events,
                                                                      Time now);
  // For a client's first packet, with this header. `retried` is the destination id that the client
  // used before our Retry; null if there was none. Deaf until set_events().
  [[nodiscard]] static Result<std::unique_ptr<QuicConnection>> server(EndpointState& state,
                                                                      const Path& path,
                                                                      const ngtcp2_pkt_hd& header,
                                                                      const ngtcp2_cid* retried,
                                                                      Time now);
  ~QuicConnection();

  // For the endpoint.
  // A server's connection is taken to its user once the client's hello is read.
  [[nodiscard]] bool wants_user() const { return !has_user_ && is_open() && !alpn().empty(); }
  void set_events(ConnectionEvents& events);
  void on_packet(const Path& path, Bytes packet, Time now);
  void on_time(Time now);
  void flush(PacketRuns& runs, Time now);
  [[nodiscard]] bool is_open() const { return phase_ == Phase::open; }
  // Nothing more to say, hear or tell.
  [[nodiscard]] bool is_dead() const { return phase_ == Phase::dead && !untold_; }
  // Its place in the endpoint's list.
  std::size_t index = 0;

  // For the user.
  [[nodiscard]] std::optional<DropReason> send_datagram(Packet& datagram, Time now) override;
  [[nodiscard]] std::size_t max_datagram_size() const override;
  [[nodiscard]] Result<StreamId> open_stream() override;
  [[nodiscard]] Result<StreamId> open_unidirectional_stream() override;
  void write(StreamId stream, Bytes bytes, bool fin) override;
  void reset_stream(StreamId stream, std::uint64_t code) override;
  [[nodiscard]] std::size_t unacknowledged(StreamId stream) const override;
  [[nodiscard]] Result<void> migrate(const SocketAddress& local, Time now) override;
  void set_keep_alive(Duration interval) override;
  void close(std::uint64_t code, std::string_view reason) override;
  [[nodiscard]] bool is_ready() const override { return ready_ && is_open(); }
  [[nodiscard]] Path path() const override;
  [[nodiscard]] std::string_view alpn() const override { return tls_->protocol(); }
  [[nodiscard]] const PeerCertificate* peer_certificate() const override;
  [[nodiscard]] ConnectionStats stats() const override;
  [[nodiscard]] const StageCounters& datagram_counters() const override;

 private:
  enum class Phase : std::uint8_t { open, farewell, closing, draining, dead };
  struct Callbacks;  // quic_connection_callbacks.cc
  using NativeConnection = Owned<ngtcp2_conn*, ngtcp2_conn_del>;

  QuicConnection(EndpointState& state, bool is_server, Time now);
  // quic_connection_begin.cc
  [[nodiscard]] static const ngtcp2_callbacks& callbacks();
  [[nodiscard]] ngtcp2_settings settings(Time now) const;
  [[nodiscard]] ngtcp2_transport_params transport_params() const;
  [[nodiscard]] Result<void> begin(int made, ngtcp2_conn* conn);
  [[nodiscard]] bool new_cid(ngtcp2_cid& cid);
  [[nodiscard]] std::array<std::uint8_t, kResetTokenSize> reset_token(const ngtcp2_cid& cid) const;
  void route(Router& router, Bytes key);
  void unroute(Router& router, Bytes key);

  // quic_connection.cc
  void observe_round_trip();
  void adopt_local_address(const Path& path);
  [[nodiscard]] bool is_current(NativePath& path) const;
  void tell_ready();
  // Changes of the path and of the size that it carries.
  void tell_path();
  void refresh_max_datagram_size();
  // That both ends keep; zero: none.
  [[nodiscard]] Duration idle_timeout() const;
  // The user, while there is something to tell.
  [[nodiscard]] ConnectionEvents* listener() { return is_open() ? events_ : nullptr; }
  void mark_dirty();
  void rearm(Time now);

  // quic_connection_end.cc
  void on_read_error(int error);
  // It is over; the user hears `info`, and the peer the farewell if next is Phase::farewell.
  void end(CloseInfo info, Phase next);
  // The same, with this farewell.
  void break_off(CloseInfo info, const compat::CloseError& farewell);
  void leave(Phase next);
  void count_out();
  void tell_end(Time now);
  void say_farewell(PacketRuns& runs, Time now);
  void hear_in_closing(const Path& path, Bytes packet);
  void repeat_farewell(PacketRuns& runs);

  // quic_connection_send.cc
  void send(PacketRuns& runs, Time now);
  [[nodiscard]] ngtcp2_ssize write_packet(MutableBytes space, NativePath& path, Time now);
  [[nodiscard]] ngtcp2_ssize build_packet(MutableBytes space, NativePath& path, Time now);
  // These add frames to the packet that is being built and return as ngtcp2's write functions: a
  // packet's size when it is complete, 0 when nothing may be sent now, or an error. Nothing: the
  // packet has room left.
  [[nodiscard]] std::optional<ngtcp2_ssize> add_streams(bool has_credit, MutableBytes space,
                                                        NativePath& path, Time now);
  [[nodiscard]] std::optional<ngtcp2_ssize> add_datagrams(bool has_window, MutableBytes space,
                                                          NativePath& path, Time now);
  // Completes it.
  [[nodiscard]] ngtcp2_ssize finish_packet(MutableBytes space, NativePath& path, Time now);
  [[nodiscard]] ngtcp2_ssize write_guard(MutableBytes space, NativePath& path, Time now);
  [[nodiscard]] bool needs_guard();
  [[nodiscard]] ngtcp2_ssize write_stream(StreamId id, Stream& stream, MutableBytes space,
                                          NativePath& path, Time now);
  [[nodiscard]] ngtcp2_ssize write_datagram(const Packet& datagram, bool& taken, MutableBytes space,
                                            NativePath& path, Time now);
  void begin_resets();

  EndpointState& state_;
  ConnectionEvents* events_ = nullptr;
  std::unique_ptr<TlsSession> tls_;
  NativeConnection conn_;  // after tls_: it must die first

  const bool is_server_;
  Phase phase_ = Phase::open;
  bool has_user_ = false;          // or had
  bool handshake_done_ = false;    // ours and, for a client, confirmed
  bool ready_ = false;             // and the user knows
  bool without_protocol_ = false;  // the handshake agreed on no application protocol
  bool was_reset_ = false;         // by a stateless reset
  bool knows_local_address_ = false;
  // ngtcp2 aborts when a client goes back to its old path after its new one has been validated by a
  // short packet and before it has been validated once more at full size. So a server hears only
  // the new path from then on until it probes the old one, which comes after that; and a client
  // whose very proof of the new path comes from another one is given up.
  bool path_settles_ = false;
  bool path_lost_ = false;
  Path told_path_;  // what the user knows of
  std::size_t told_datagram_size_ = 0;
  NativePath* reading_ = nullptr;  // where the packet came from that ngtcp2 is reading
  bool dirty_ = false;
  Time now_;  // of the turn that is running
  Time handshake_deadline_;
  Duration keep_alive_;
  Deadline deadline_{*this};

  DatagramQueue datagrams_;
  std::size_t max_datagram_size_ = 0;
  StreamSet streams_;
  bool streams_first_ = false;  // in the packet before
  // Guards: see quic_connection_send.cc.
  std::optional<StreamId> guard_stream_;  // of this flush; none: not needed, or not possible
  bool carries_datagrams_ = false;        // the packet that is being built
  bool carries_stream_ = false;
  bool probes_ = false;        // the timer has ended since the last flush
  bool is_unguarded_ = false;  // the newest packet with datagrams carries nothing else

  std::optional<CloseInfo> untold_;  // how it ended, until the user has heard
  compat::CloseError farewell_{};
  std::string farewell_reason_;  // what farewell_ points to
  std::vector<std::uint8_t> farewell_packet_;
  Path farewell_path_;
  bool repeat_farewell_ = false;
  std::uint64_t heard_in_closing_ = 0;
  std::optional<Time> linger_until_;

  struct Route {
    Router* router;
    RoutingKey key;
  };
  std::vector<Route> routes_;
  std::uint64_t packets_sent_ = 0;
  std::uint64_t packets_received_ = 0;
  RoundTrip round_trip_;
  std::uint64_t datagrams_lost_ = 0;  // in packets that were declared lost
};

}  // namespace oneping::quic
