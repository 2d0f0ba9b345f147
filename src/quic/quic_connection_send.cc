// How a connection fills packets.
//
// A packet is built by several calls with the MORE flag, each of which adds a frame: stream data,
// which is control, and datagrams, as many as fit. Between such calls nothing else of ngtcp2 may be
// called, so that everything that must be asked is asked before a packet begins. Streams and
// datagrams take turns in coming first, so that neither starves the other.
#include <algorithm>

#include "quic/close_reason.h"
#include "quic/quic_connection.h"

namespace oneping::quic {

namespace {

// Packets of one connection in one flush; the rest follows when pacing allows.
constexpr int kBurst = 64;

}  // namespace

void QuicConnection::send(PacketRuns& runs, Time now) {
  begin_resets();
  for (auto& [id, stream] : streams_.all()) stream.blocked = false;
  NativePath path;
  bool sent = false;
  for (int packets = 0; packets < kBurst; ++packets) {
    const ngtcp2_ssize size = write_packet(runs.space(), path, now);
    if (size < 0) {
      const int error = static_cast<int>(size);
      end(broken(error, ready_), Phase::dead);
      return;
    }
    if (size == 0) break;
    runs.commit(path.to_path(), static_cast<std::size_t>(size));
    if (path_settles_ && !is_current(path)) path_settles_ = false;
    ++packets_sent_;
    sent = true;
  }
  if (sent) ngtcp2_conn_update_pkt_tx_time(conn_.get(), to_native(now));
}

ngtcp2_ssize QuicConnection::write_packet(MutableBytes space, NativePath& path, Time now) {
  if (ready_) {
    refresh_max_datagram_size();
    const bool has_credit = ngtcp2_conn_get_max_data_left(conn_.get()) > 0;
    streams_first_ = !streams_first_;
    auto done = streams_first_ ? add_streams(has_credit, space, path, now)
                               : add_datagrams(space, path, now);
    if (!done) {
      done = streams_first_ ? add_datagrams(space, path, now)
                            : add_streams(has_credit, space, path, now);
    }
    if (done) return *done;
  }
  return ngtcp2_conn_writev_stream(conn_.get(), path.get(), nullptr, space.data(), space.size(),
                                   nullptr, NGTCP2_WRITE_STREAM_FLAG_NONE, -1, nullptr, 0,
                                   to_native(now));
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

std::optional<ngtcp2_ssize> QuicConnection::add_datagrams(MutableBytes space, NativePath& path,
                                                          Time now) {
  while (const Packet* const datagram = datagrams_.front(max_datagram_size_, now)) {
    bool taken = false;
    const ngtcp2_ssize result = write_datagram(*datagram, taken, space, path, now);
    if (taken) {
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
