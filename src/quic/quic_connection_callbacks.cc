// What ngtcp2 tells a connection while it reads a packet.
#include "quic/quic_connection.h"

namespace oneping::quic {

// Functions for ngtcp2's table; `user` is the connection. They never fail but for want of ids: what
// goes wrong shows after the read.
struct QuicConnection::Callbacks {
  static QuicConnection& self(void* user) { return *static_cast<QuicConnection*>(user); }

  static int handshake_completed(ngtcp2_conn*, void* user) {
    QuicConnection& c = self(user);
    c.without_protocol_ = c.tls_->protocol().empty();
    // A server is done: it has checked everything. A client waits for the server's word.
    if (c.is_server_ && !c.without_protocol_) c.handshake_done_ = true;
    return 0;
  }

  static int handshake_confirmed(ngtcp2_conn*, void* user) {
    QuicConnection& c = self(user);
    if (!c.without_protocol_) c.handshake_done_ = true;
    return 0;
  }

  // Application data from the server says that the handshake is done as well as its HANDSHAKE_DONE
  // does, which may have been lost or overtaken.
  static void application_data(QuicConnection& c) {
    if (!c.without_protocol_) c.handshake_done_ = true;
    c.tell_ready();
  }

  static int lost_datagram(ngtcp2_conn*, std::uint64_t, void* user) {
    ++self(user).datagrams_lost_;
    return 0;
  }

  static int recv_datagram(ngtcp2_conn*, std::uint32_t flags, const std::uint8_t* data,
                           std::size_t size, void* user) {
    QuicConnection& c = self(user);
    if ((flags & compat::kEarlyDatagram) != 0) return 0;  // could be replayed
    application_data(c);
    if (ConnectionEvents* const to = c.listener()) to->on_datagram({data, size}, c.now_);
    return 0;
  }

  static int stream_open(ngtcp2_conn*, std::int64_t id, void* user) {
    self(user).streams_.add(id, ngtcp2_is_bidi_stream(id) != 0);
    return 0;
  }

  static int recv_stream_data(ngtcp2_conn* conn, std::uint32_t flags, std::int64_t id,
                              std::uint64_t, const std::uint8_t* data, std::size_t size, void* user,
                              void*) {
    QuicConnection& c = self(user);
    ngtcp2_conn_extend_max_stream_offset(conn, id, size);
    ngtcp2_conn_extend_max_offset(conn, size);
    application_data(c);
    const Stream* const stream = c.streams_.find(id);
    if (stream == nullptr || stream->reset || stream->told_closed) return 0;
    if (ConnectionEvents* const to = c.listener()) {
      const bool fin = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
      to->on_stream_data(id, {data, size}, fin, c.now_);
      // ngtcp2 0.12 does not close the peer's unidirectional streams, nor may the peer open others
      // instead.
      if (fin && ngtcp2_is_bidi_stream(id) == 0) tell_stream_closed(c, id);
    }
    return 0;
  }

  static int acked_stream_data_offset(ngtcp2_conn*, std::int64_t id, std::uint64_t,
                                      std::uint64_t size, void* user, void*) {
    if (Stream* const stream = self(user).streams_.find(id)) {
      stream->buffer.acknowledge(static_cast<std::size_t>(size));
    }
    return 0;
  }

  // The peer has reset its direction; ours follows at the next flush.
  static int stream_reset(ngtcp2_conn*, std::int64_t id, std::uint64_t, std::uint64_t code,
                          void* user, void*) {
    QuicConnection& c = self(user);
    c.reset_stream(id, code);
    tell_stream_closed(c, id);
    return 0;
  }

  static int stream_close(ngtcp2_conn* conn, std::uint32_t, std::int64_t id, std::uint64_t,
                          void* user, void*) {
    QuicConnection& c = self(user);
    if (ngtcp2_conn_is_local_stream(conn, id) == 0) {
      if (ngtcp2_is_bidi_stream(id) != 0) {
        ngtcp2_conn_extend_max_streams_bidi(conn, 1);
      } else {
        ngtcp2_conn_extend_max_streams_uni(conn, 1);
      }
    }
    tell_stream_closed(c, id);
    c.streams_.erase(id);
    return 0;
  }

  static void tell_stream_closed(QuicConnection& c, std::int64_t id) {
    Stream* const stream = c.streams_.find(id);
    if (stream == nullptr || stream->told_closed) return;
    stream->told_closed = true;
    if (ConnectionEvents* const to = c.listener()) to->on_stream_closed(id, c.now_);
  }

  static int recv_stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user) {
    self(user).was_reset_ = true;
    return 0;
  }

  static int get_new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t,
                                   void* user) {
    QuicConnection& c = self(user);
    if (!c.new_cid(*cid)) return NGTCP2_ERR_CALLBACK_FAILURE;
    const auto reset_token = c.reset_token(*cid);
    std::copy(reset_token.begin(), reset_token.end(), token);
    return 0;
  }

  static int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* cid, void* user) {
    self(user).unroute(self(user).state_.by_cid, bytes_of(*cid));
    return 0;
  }

  // A peer's id comes into use or goes out of it; with it goes the token of its stateless resets.
  static int dcid_status(ngtcp2_conn*, compat::CidStatus type, std::uint64_t, const ngtcp2_cid*,
                         const std::uint8_t* token, void* user) {
    if (token == nullptr) return 0;
    QuicConnection& c = self(user);
    const Bytes key{token, kResetTokenSize};
    if (type == NGTCP2_CONNECTION_ID_STATUS_TYPE_ACTIVATE) {
      c.route(c.state_.by_reset_token, key);
    } else {
      c.unroute(c.state_.by_reset_token, key);
    }
    return 0;
  }

  static int path_validated(ngtcp2_path_validation_result result, void* user) {
    QuicConnection& c = self(user);
    if (!c.is_server_ || result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) return 0;
    c.path_settles_ = true;
    c.path_lost_ = c.reading_ != nullptr && !c.is_current(*c.reading_);
    return c.path_lost_ ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
  }

  static void rand(std::uint8_t* dest, std::size_t size, const ngtcp2_rand_ctx* context) {
    static_cast<Random*>(context->native_handle)->fill({dest, size});
  }

  static int get_path_challenge_data(ngtcp2_conn*, std::uint8_t* data, void* user) {
    self(user).state_.random.fill({data, NGTCP2_PATH_CHALLENGE_DATALEN});
    return 0;
  }

  static ngtcp2_callbacks table() {
    ngtcp2_callbacks table{};
    table.client_initial = ngtcp2_crypto_client_initial_cb;
    table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
    table.encrypt = ngtcp2_crypto_encrypt_cb;
    table.decrypt = ngtcp2_crypto_decrypt_cb;
    table.hp_mask = ngtcp2_crypto_hp_mask_cb;
    table.recv_retry = ngtcp2_crypto_recv_retry_cb;
    table.update_key = ngtcp2_crypto_update_key_cb;
    table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
    table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
    table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    table.handshake_completed = handshake_completed;
    table.handshake_confirmed = handshake_confirmed;
    table.recv_datagram = recv_datagram;
    table.lost_datagram = lost_datagram;
    table.stream_open = stream_open;
    table.recv_stream_data = recv_stream_data;
    table.acked_stream_data_offset = acked_stream_data_offset;
    table.stream_reset = stream_reset;
    table.stream_close = stream_close;
    table.recv_stateless_reset = recv_stateless_reset;
    table.get_new_connection_id = get_new_connection_id;
    table.remove_connection_id = remove_connection_id;
    table.dcid_status = dcid_status;
    table.path_validation = compat::path_validation<path_validated>;
    table.rand = rand;
    table.get_path_challenge_data = get_path_challenge_data;
    return table;
  }
};

const ngtcp2_callbacks& QuicConnection::callbacks() {
  static const ngtcp2_callbacks table = Callbacks::table();
  return table;
}

}  // namespace oneping::quic
