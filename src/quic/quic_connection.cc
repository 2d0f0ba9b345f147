#include "quic/quic_connection.h"

#include <algorithm>

#include "quic/close_reason.h"

namespace oneping::quic {

namespace {

// The largest datagram whose frame (type, length, bytes) fits into `space` bytes (RFC 9221, 4).
std::size_t datagram_in(std::size_t space) {
  if (space < 2) return 0;
  if (space <= 2 + 63) return space - 2;  // one byte of length
  return std::max<std::size_t>(63, space - 3);
}

}  // namespace

void QuicConnection::set_events(ConnectionEvents& events) {
  has_user_ = true;
  if (is_open()) events_ = &events;
}

void QuicConnection::on_packet(const Path& path, Bytes packet, Time now) {
  ++packets_received_;
  now_ = now;
  if (phase_ == Phase::closing) hear_in_closing(path, packet);
  if (!is_open()) return;
  if (!is_server_) adopt_local_address(path);
  NativePath native(path);
  if (path_settles_ && !is_current(native)) return;
  const ngtcp2_pkt_info info{};
  const bool was_ready = ready_;
  reading_ = &native;
  const int error = ngtcp2_conn_read_pkt(conn_.get(), native.get(), &info, packet.data(),
                                         packet.size(), to_native(now));
  reading_ = nullptr;
  mark_dirty();
  observe_round_trip();
  if (!was_ready && ready_) round_trip_.begin();
  if (!is_open()) {
    // The user closed it in an event, or overfilled a stream.
  } else if (error != 0) {
    on_read_error(error);
  } else if (without_protocol_) {
    constexpr std::uint8_t kNoApplicationProtocol = 120;  // RFC 7301, 3.2
    break_off(refused_by_us(kNoApplicationProtocol, "the peer agreed on no application protocol"),
              compat::tls_alert_error(kNoApplicationProtocol));
  } else {
    tell_ready();
    refresh_max_datagram_size();
    tell_path();
  }
  tell_end(now);
}

void QuicConnection::observe_round_trip() {
  const compat::ConnectionInfo info = compat::connection_info(conn_.get());
  const bool has_sample = info.min_rtt != UINT64_MAX;
  round_trip_.observe(has_sample ? std::optional(Duration(info.smoothed_rtt)) : std::nullopt);
}

// A client learns from the first answer which of the host's addresses it sends from.
void QuicConnection::adopt_local_address(const Path& path) {
  if (knows_local_address_) return;
  const ngtcp2_path& current = *ngtcp2_conn_get_path(conn_.get());
  const Path known = NativePath::from(current);
  knows_local_address_ = !known.local.address.is_unspecified();
  if (knows_local_address_ || known.remote != path.remote) return;
  NativePath adopted(path);
  ngtcp2_conn_set_local_addr(conn_.get(), &adopted.get()->local);
}

bool QuicConnection::is_current(NativePath& path) const {
  return ngtcp2_path_eq(path.get(), ngtcp2_conn_get_path(conn_.get())) != 0;
}

void QuicConnection::tell_ready() {
  if (!handshake_done_ || ready_ || !is_open()) return;
  ready_ = true;
  if (is_server_) --state_.half_open;
  set_keep_alive(keep_alive_);
  refresh_max_datagram_size();
  told_path_ = path();
  told_datagram_size_ = max_datagram_size_;
  if (events_ != nullptr) events_->on_ready(now_);
}

void QuicConnection::set_keep_alive(Duration interval) {
  keep_alive_ = interval;
  if (!ready_ || !is_open()) return;  // keep-alives begin when the connection is ready
  if (const Duration idle = idle_timeout(); idle > Duration::zero()) {
    interval = std::min(interval, idle / 2);
  }
  compat::set_keep_alive(conn_.get(), interval);
  mark_dirty();
}

// The shorter of both ends' (RFC 9000, 10.1).
Duration QuicConnection::idle_timeout() const {
  const Duration ours = state_.options.transport.idle_timeout;
  const ngtcp2_transport_params* const peer = ngtcp2_conn_get_remote_transport_params(conn_.get());
  if (peer == nullptr || peer->max_idle_timeout == 0) return ours;
  const auto theirs = static_cast<std::int64_t>(
      std::min<ngtcp2_duration>(peer->max_idle_timeout, std::uint64_t{1} << 62));
  return ours == Duration::zero() ? Duration(theirs) : std::min(ours, Duration(theirs));
}

void QuicConnection::tell_path() {
  if (!ready_ || !is_open()) return;
  if (const Path current = path(); current != told_path_) {
    told_path_ = current;
    if (ConnectionEvents* const to = listener()) to->on_path_changed(now_);
  }
  if (!is_open() || max_datagram_size_ == told_datagram_size_) return;
  told_datagram_size_ = max_datagram_size_;
  if (ConnectionEvents* const to = listener()) to->on_datagram_size_changed(now_);
}

void QuicConnection::refresh_max_datagram_size() {
  if (!ready_ || !is_open()) return;
  max_datagram_size_ = 0;
  const ngtcp2_transport_params* const peer = ngtcp2_conn_get_remote_transport_params(conn_.get());
  if (peer == nullptr || peer->max_datagram_frame_size == 0) return;
  // A short header with a packet number of full length, and the AEAD's tag (RFC 9000, 17.3.1).
  const std::size_t around = 1 + ngtcp2_conn_get_dcid(conn_.get())->datalen + 4 + 16;
  const std::size_t payload =
      std::min(kMaxQuicPacket, ngtcp2_conn_get_path_max_tx_udp_payload_size(conn_.get()));
  const std::uint64_t frame =
      std::min<std::uint64_t>(payload - around, peer->max_datagram_frame_size);
  max_datagram_size_ = datagram_in(static_cast<std::size_t>(frame));
}

void QuicConnection::on_time(Time now) {
  now_ = now;
  mark_dirty();
  if (linger_until_ && now >= *linger_until_) phase_ = Phase::dead;
  if (is_open()) {
    const TransportOptions& options = state_.options.transport;
    const std::size_t timeouts = compat::probe_timeouts(conn_.get());
    const int error = ngtcp2_conn_handle_expiry(conn_.get(), to_native(now));
    probes_ = probes_ || compat::probe_timeouts(conn_.get()) > timeouts;
    if (!ready_ && (now >= handshake_deadline_ || error == NGTCP2_ERR_IDLE_CLOSE)) {
      end(silent_peer(options.handshake_timeout, false), Phase::dead);
    } else if (error == NGTCP2_ERR_IDLE_CLOSE) {
      end(silent_peer(idle_timeout(), true), Phase::dead);
    } else if (error != 0) {
      break_off(broken(error, ready_), compat::library_error(error));
    } else {
      refresh_max_datagram_size();
      tell_path();
    }
  }
  tell_end(now);
}

void QuicConnection::flush(PacketRuns& runs, Time now) {
  now_ = now;
  if (phase_ == Phase::open) send(runs, now);
  datagrams_.expire(now);
  if (phase_ == Phase::farewell) say_farewell(runs, now);
  if (phase_ == Phase::closing && repeat_farewell_) repeat_farewell(runs);
  if ((phase_ == Phase::closing || phase_ == Phase::draining) && !linger_until_) {
    linger_until_ = now + 3 * Duration(ngtcp2_conn_get_pto(conn_.get()));
  }
  rearm(now);
  dirty_ = false;  // only now: what marked it meanwhile has just been done
}

void QuicConnection::mark_dirty() {
  if (dirty_) return;
  dirty_ = true;
  state_.dirty.push_back(this);
}

void QuicConnection::rearm(Time now) {
  Time due = kNever;
  if (untold_) {
    due = now;
  } else if (is_open()) {
    // At least a little later, so that time moves on whatever ngtcp2 wants.
    due = std::max(now + std::chrono::microseconds(1),
                   from_native(ngtcp2_conn_get_expiry(conn_.get())));
    if (!ready_) due = std::min(due, handshake_deadline_);
    due = std::min(due, datagrams_.next_expiry());
  } else if (linger_until_) {
    due = *linger_until_;
  }
  state_.deadlines.set(deadline_, due);
}

std::optional<DropReason> QuicConnection::send_datagram(Packet& datagram, Time now) {
  if (!is_ready() || max_datagram_size_ == 0) return DropReason::link_down;
  if (datagram.size() > max_datagram_size_) return DropReason::too_big;
  datagrams_.push(std::move(datagram), now);
  mark_dirty();
  return std::nullopt;
}

std::size_t QuicConnection::max_datagram_size() const {
  return is_ready() ? max_datagram_size_ : 0;
}

Result<StreamId> QuicConnection::open_stream() {
  if (!is_ready()) return fail("opening a stream: the connection is not ready");
  StreamId id = -1;
  if (const int error = ngtcp2_conn_open_bidi_stream(conn_.get(), &id, nullptr); error != 0) {
    return quic_failure("opening a stream", error);
  }
  streams_.add(id, true);
  return id;
}

Result<StreamId> QuicConnection::open_unidirectional_stream() {
  if (!is_ready()) return fail("opening a stream: the connection is not ready");
  StreamId id = -1;
  if (const int error = ngtcp2_conn_open_uni_stream(conn_.get(), &id, nullptr); error != 0) {
    return quic_failure("opening a stream", error);
  }
  streams_.add(id, true);
  return id;
}

Result<void> QuicConnection::migrate(const SocketAddress& local, Time now) {
  if (is_server_) return fail("moving to another address: only a client can");
  if (!is_ready()) return fail("moving to another address: the connection is not ready");
  now_ = std::max(now_, now);
  NativePath native(Path{local, path().remote});
  const int error =
      ngtcp2_conn_initiate_immediate_migration(conn_.get(), native.get(), to_native(now_));
  if (error != 0) return quic_failure("moving to another address", error);
  knows_local_address_ = !local.address.is_unspecified();
  refresh_max_datagram_size();
  mark_dirty();
  return {};
}

void QuicConnection::write(StreamId id, Bytes bytes, bool fin) {
  Stream* const stream = streams_.find(id);
  if (!is_open() || stream == nullptr || !stream->writable || stream->fin || stream->reset) return;
  const std::size_t limit = state_.options.transport.max_stream_backlog;
  if (stream->buffer.unacknowledged() + bytes.size() > limit) {
    break_off({CloseKind::transport, NGTCP2_INTERNAL_ERROR,
               "the peer does not take what we send on a stream: " + std::to_string(limit) +
                   " bytes are waiting"},
              compat::transport_error(NGTCP2_INTERNAL_ERROR));
    return;
  }
  stream->buffer.append(bytes);
  stream->fin = fin;
  mark_dirty();
}

void QuicConnection::reset_stream(StreamId id, std::uint64_t code) {
  Stream* const stream = streams_.find(id);
  if (!is_open() || stream == nullptr || stream->reset) return;
  stream->reset = code;
  mark_dirty();
}

std::size_t QuicConnection::unacknowledged(StreamId id) const {
  const Stream* const stream = streams_.find(id);
  return stream == nullptr ? 0 : stream->buffer.unacknowledged();
}

Path QuicConnection::path() const { return NativePath::from(*ngtcp2_conn_get_path(conn_.get())); }

ConnectionStats QuicConnection::stats() const {
  const compat::ConnectionInfo info = compat::connection_info(conn_.get());
  ConnectionStats stats;
  stats.smoothed_rtt = round_trip_.smoothed().value_or(Duration(info.smoothed_rtt));
  stats.datagrams_lost = datagrams_lost_;
  stats.packets_sent = packets_sent_;
  stats.packets_received = packets_received_;
  stats.path_max_udp_payload = ngtcp2_conn_get_path_max_tx_udp_payload_size(conn_.get());
  return stats;
}

const PeerCertificate* QuicConnection::peer_certificate() const {
  const auto& client = tls_->client();
  return handshake_done_ && client ? &*client : nullptr;
}

const StageCounters& QuicConnection::datagram_counters() const { return datagrams_.counters(); }

}  // namespace oneping::quic
