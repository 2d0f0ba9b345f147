// How a connection fills packets.
//
// A packet is built by several calls with the MORE flag, each of which adds a frame: stream data,
// which is control, and datagrams, as many as fit. Between such calls nothing else of ngtcp2 may be
// called, so that everything that must be asked is asked before a packet begins. Streams and
// datagrams take turns in coming first, so that neither starves the other.
//
// Before 0.15 ngtcp2 arms no timer for packets of datagrams alone. When all that fills the
// congestion window is lost, or what acknowledges it, nothing would ever leave again. Therefore the
// newest packet that is out always carries a guard: an empty STREAM frame, which arms the timer and
// means nothing to the peer. It goes into a packet of datagrams if there is room, else into a small
// one of its own, for which the window keeps some bytes; and when the timer ends, into both probes
// (RFC 9002, 6.2.4): for one that brings nothing of its own ngtcp2 looks for lost frames among all
// that is out, finds none worth sending, and forgets the timer.
#include <algorithm>
#include <utility>

#include "quic/close_reason.h"
#include "quic/quic_connection.h"

namespace oneping::quic {

namespace {

// Packets of one connection in one flush; the rest follows when pacing allows.
constexpr int kBurst = 64;
// Packets that ngtcp2 sends when the timer ends.
constexpr int kProbes = 2;
// A packet with a guard and nothing else, generously.
constexpr std::size_t kGuardPacket = 64;
// With no more than that in flight even the smallest window (RFC 9002, 7.2: two packets) has room
// for another packet and a guard.
constexpr std::size_t kHarmless = 2 * 1200 - kMaxQuicPacket - kGuardPacket;

// A stream that an empty frame can be sent on; none if there is no such stream, or no need. At
// offset 0 ngtcp2 sends lost empty frames again, and aborts when it has lost two.
std::optional<StreamId> find_guard_stream(const std::map<StreamId, Stream>& streams) {
  if (compat::kDatagramsArmTimer) return std::nullopt;
  for (const auto& [id, stream] : streams) {
    const bool has_begun = stream.writable && stream.buffer.any_sent();
    if (has_begun && !stream.fin && !stream.reset) return id;
  }
  return std::nullopt;
}

}  // namespace

void QuicConnection::send(PacketRuns& runs, Time now) {
  begin_resets();
  for (auto& [id, stream] : streams_.all()) stream.blocked = false;
  guard_stream_ = find_guard_stream(streams_.all());
  NativePath path;
  bool sent = false;
  const auto send_one = [&](ngtcp2_ssize size) {
    if (size < 0) end(broken(static_cast<int>(size), ready_), Phase::dead);
    if (size <= 0) return false;
    runs.commit(path.to_path(), static_cast<std::size_t>(size));
    if (path_settles_ && !is_current(path)) path_settles_ = false;
    ++packets_sent_;
    return sent = true;
  };
  if (std::exchange(probes_, false) && guard_stream_) {
    for (int probe = 0; probe < kProbes && guard_stream_ && phase_ != Phase::dead; ++probe) {
      send_one(write_guard(runs.space(), path, now));
    }
  }
  for (int packets = 0; packets < kBurst && phase_ != Phase::dead; ++packets) {
    if (!send_one(write_packet(runs.space(), path, now))) break;
  }
  if (phase_ != Phase::dead && needs_guard()) send_one(write_guard(runs.space(), path, now));
  if (phase_ == Phase::dead) return;
  if (sent) ngtcp2_conn_update_pkt_tx_time(conn_.get(), to_native(now));
}

ngtcp2_ssize QuicConnection::write_packet(MutableBytes space, NativePath& path, Time now) {
  carries_datagrams_ = carries_stream_ = false;
  const ngtcp2_ssize size = build_packet(space, path, now);
  if (carries_datagrams_ || carries_stream_) is_unguarded_ = !carries_stream_;
  return size;
}

ngtcp2_ssize QuicConnection::build_packet(MutableBytes space, NativePath& path, Time now) {
  if (ready_) {
    refresh_max_datagram_size();
    const bool has_credit = ngtcp2_conn_get_max_data_left(conn_.get()) > 0;
    const bool has_window =
        !guard_stream_ || ngtcp2_conn_get_cwnd_left(conn_.get()) >= kMaxQuicPacket + kGuardPacket;
    streams_first_ = !streams_first_;
    auto done = streams_first_ ? add_streams(has_credit, space, path, now)
                               : add_datagrams(has_window, space, path, now);
    if (!done) {
      done = streams_first_ ? add_datagrams(has_window, space, path, now)
                            : add_streams(has_credit, space, path, now);
    }
    if (done) return *done;
  }
  if (carries_datagrams_ && !carries_stream_ && guard_stream_) return write_guard(space, path, now);
  return finish_packet(space, path, now);
}

ngtcp2_ssize QuicConnection::finish_packet(MutableBytes space, NativePath& path, Time now) {
  return ngtcp2_conn_writev_stream(conn_.get(), path.get(), nullptr, space.data(), space.size(),
                                   nullptr, NGTCP2_WRITE_STREAM_FLAG_NONE, -1, nullptr, 0,
                                   to_native(now));
}

bool QuicConnection::needs_guard() {
  return is_unguarded_ && guard_stream_ &&
         compat::connection_info(conn_.get()).bytes_in_flight > kHarmless;
}

ngtcp2_ssize QuicConnection::write_guard(MutableBytes space, NativePath& path, Time now) {
  ngtcp2_ssize taken = -1;
  const ngtcp2_ssize result = ngtcp2_conn_writev_stream(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &taken,
      NGTCP2_WRITE_STREAM_FLAG_NONE, *guard_stream_, nullptr, 0, to_native(now));
  if (result == NGTCP2_ERR_STREAM_SHUT_WR || result == NGTCP2_ERR_STREAM_NOT_FOUND) {
    if (Stream* const stream = streams_.find(*guard_stream_)) stream->writable = false;
    guard_stream_.reset();
    return finish_packet(space, path, now);
  }
  if (taken >= 0) {
    carries_stream_ = true;
    is_unguarded_ = false;
  }
  return result;
}

std::optional<ngtcp2_ssize> QuicConnection::add_streams(bool has_credit, MutableBytes space,
                                                        NativePath& path, Time now) {
  for (auto& [id, stream] : streams_.all()) {
    while (stream.has_unsent() && !stream.blocked && (has_credit || stream.buffer.all_sent())) {
      const ngtcp2_ssize result = write_stream(id, stream, space, path, now);
      if (result == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
        stream.blocked = true;
      } else if (result == NGTCP2_ERR_STREAM_SHUT_WR || result == NGTCP2_ERR_STREAM_NOT_FOUND) {
        stream.writable = false;  // the peer has asked us to stop (RFC 9000, 3.5)
      } else if (result != NGTCP2_ERR_WRITE_MORE) {
        return result;
      }
    }
  }
  return std::nullopt;
}

std::optional<ngtcp2_ssize> QuicConnection::add_datagrams(bool has_window, MutableBytes space,
                                                          NativePath& path, Time now) {
  if (!has_window) return std::nullopt;
  while (const Packet* const datagram = datagrams_.front(max_datagram_size_, now)) {
    bool taken = false;
    const ngtcp2_ssize result = write_datagram(*datagram, taken, space, path, now);
    if (taken) {
      carries_datagrams_ = true;
      datagrams_.pop_sent();
    } else if (result == NGTCP2_ERR_INVALID_ARGUMENT || result == NGTCP2_ERR_INVALID_STATE) {
      datagrams_.drop_front(DropReason::too_big);
      continue;
    }
    if (result != NGTCP2_ERR_WRITE_MORE) return result;
  }
  return std::nullopt;
}

ngtcp2_ssize QuicConnection::write_stream(StreamId id, Stream& stream, MutableBytes space,
                                          NativePath& path, Time now) {
  const Bytes unsent = stream.buffer.unsent();
  const bool fin = stream.fin && stream.buffer.is_last(unsent);
  const ngtcp2_vec vector{const_cast<std::uint8_t*>(unsent.data()), unsent.size()};
  const std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE |
                              (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE);
  ngtcp2_ssize taken = -1;
  const ngtcp2_ssize result = ngtcp2_conn_writev_stream(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &taken, flags, id, &vector,
      unsent.empty() ? 0 : 1, to_native(now));  // never an empty element: ngtcp2 would abort
  if (taken < 0) return result;
  carries_stream_ = true;
  stream.buffer.mark_sent(static_cast<std::size_t>(taken));
  if (fin && stream.buffer.all_sent()) stream.fin_sent = true;
  return result;
}

ngtcp2_ssize QuicConnection::write_datagram(const Packet& datagram, bool& taken, MutableBytes space,
                                            NativePath& path, Time now) {
  const Bytes bytes = datagram.bytes();
  const ngtcp2_vec vector{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  int accepted = 0;
  const ngtcp2_ssize result = ngtcp2_conn_writev_datagram(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &accepted,
      NGTCP2_WRITE_DATAGRAM_FLAG_MORE, 0, &vector, bytes.empty() ? 0 : 1, to_native(now));
  taken = accepted != 0;
  return result;
}

void QuicConnection::begin_resets() {
  for (auto& [id, stream] : streams_.all()) {
    if (!stream.reset || stream.told_reset) continue;
    stream.told_reset = true;
    const int error = compat::shutdown_stream(conn_.get(), id, *stream.reset);
    if (error != 0) {
      break_off(broken(error, ready_), compat::library_error(error));
      return;
    }
  }
}

}  // namespace oneping::quic
