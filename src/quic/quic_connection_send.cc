// How a connection fills packets.
//
// A packet is built by several calls with the MORE flag, each of which adds a frame: first stream
// data, which is control, then datagrams, as many as fit. Between such calls nothing else of ngtcp2
// may be called, so that everything that must be asked is asked before a packet begins.
#include <algorithm>

#include "quic/close_reason.h"
#include "quic/quic_connection.h"

namespace oneping::quic {

namespace {

// Packets of one connection in one flush; the rest follows when pacing allows.
constexpr int kBurst = 64;

}  // namespace

// What came of trying to add a frame.
struct QuicConnection::Attempt {
  ngtcp2_ssize result;  // as ngtcp2's write functions: a packet's size, 0 or an error
  bool taken;
};

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
    ++packets_sent_;
    sent = true;
  }
  if (sent) ngtcp2_conn_update_pkt_tx_time(conn_.get(), to_native(now));
}

ngtcp2_ssize QuicConnection::write_packet(MutableBytes space, NativePath& path, Time now) {
  refresh_max_datagram_size();
  const bool may_send_stream_data = ngtcp2_conn_get_max_data_left(conn_.get()) > 0;
  if (ready_) {
    for (auto& [id, stream] : streams_.all()) {
      while (stream.has_unsent() && !stream.blocked &&
             (may_send_stream_data || stream.buffer.all_sent())) {
        const Attempt attempt = write_stream(id, stream, space, path, now);
        if (attempt.result >= 0) return attempt.result;
        if (attempt.result == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
          stream.blocked = true;
        } else if (attempt.result == NGTCP2_ERR_STREAM_SHUT_WR ||
                   attempt.result == NGTCP2_ERR_STREAM_NOT_FOUND) {
          stream.writable = false;  // the peer has asked us to stop (RFC 9000, 3.5)
        } else if (attempt.result != NGTCP2_ERR_WRITE_MORE) {
          return attempt.result;
        }
      }
    }
    while (const Packet* const datagram = datagrams_.front(max_datagram_size_, now)) {
      const Attempt attempt = write_datagram(*datagram, space, path, now);
      if (attempt.taken) {
        datagrams_.pop_sent();
      } else if (attempt.result == NGTCP2_ERR_INVALID_ARGUMENT ||
                 attempt.result == NGTCP2_ERR_INVALID_STATE) {
        datagrams_.drop_front(DropReason::too_big);
        continue;
      }
      if (attempt.result != NGTCP2_ERR_WRITE_MORE) return attempt.result;
    }
  }
  return ngtcp2_conn_writev_stream(conn_.get(), path.get(), nullptr, space.data(), space.size(),
                                   nullptr, NGTCP2_WRITE_STREAM_FLAG_NONE, -1, nullptr, 0,
                                   to_native(now));
}

QuicConnection::Attempt QuicConnection::write_stream(StreamId id, Stream& stream,
                                                     MutableBytes space, NativePath& path,
                                                     Time now) {
  const Bytes unsent = stream.buffer.unsent();
  const bool fin = stream.fin && stream.buffer.is_last(unsent);
  const ngtcp2_vec vector{const_cast<std::uint8_t*>(unsent.data()), unsent.size()};
  const std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE |
                              (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE);
  ngtcp2_ssize taken = -1;
  const ngtcp2_ssize result = ngtcp2_conn_writev_stream(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &taken, flags, id, &vector,
      unsent.empty() ? 0 : 1, to_native(now));  // never an empty element: ngtcp2 would abort
  if (taken < 0) return {result, false};
  stream.buffer.mark_sent(static_cast<std::size_t>(taken));
  if (fin && stream.buffer.all_sent()) stream.fin_sent = true;
  return {result, true};
}

QuicConnection::Attempt QuicConnection::write_datagram(const Packet& datagram, MutableBytes space,
                                                       NativePath& path, Time now) {
  const Bytes bytes = datagram.bytes();
  const ngtcp2_vec vector{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  int taken = 0;
  const ngtcp2_ssize result = ngtcp2_conn_writev_datagram(
      conn_.get(), path.get(), nullptr, space.data(), space.size(), &taken,
      NGTCP2_WRITE_DATAGRAM_FLAG_MORE, 0, &vector, bytes.empty() ? 0 : 1, to_native(now));
  return {result, taken != 0};
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
