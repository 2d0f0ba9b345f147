#include "quic/quic_connection.h"

#include <algorithm>

namespace oneping::quic {

namespace {

// Streams carry control: small windows, and few streams, since a peer may hold memory by them.
constexpr std::uint64_t kStreamWindow = 1 << 18;
constexpr std::uint64_t kConnectionWindow = 1 << 19;
constexpr std::uint64_t kPeerBidirectionalStreams = 128;
constexpr std::uint64_t kPeerUnidirectionalStreams = 3;  // what HTTP/3 needs: RFC 9114, 6.2
constexpr std::uint64_t kActiveCids = 4;
constexpr std::size_t kFirstDcidSize = 16;  // RFC 9000, 7.2: at least 8

}  // namespace

QuicConnection::QuicConnection(EndpointState& state, bool is_server, Time now)
    : state_(state),
      is_server_(is_server),
      now_(now),
      handshake_deadline_(now + state.options.transport.handshake_timeout),
      keep_alive_(state.options.transport.keep_alive),
      datagrams_(state.options.transport.datagram_queue_packets,
                 state.options.transport.datagram_queue_age) {
  ++state_.open;
  if (is_server_) ++state_.half_open;
}

QuicConnection::~QuicConnection() {
  if (is_open()) count_out();
  for (const Route& route : routes_) route.router->remove(route.key, *this);
  state_.deadlines.remove(deadline_);
}

Result<std::unique_ptr<QuicConnection>> QuicConnection::client(EndpointState& state,
                                                               const Path& path,
                                                               ConnectionEvents& events, Time now) {
  std::unique_ptr<QuicConnection> self(new QuicConnection(state, false, now));
  self->set_events(events);
  ngtcp2_cid scid;
  if (!self->new_cid(scid)) return fail("starting QUIC: no connection id is free");
  ngtcp2_cid dcid{};
  dcid.datalen = kFirstDcidSize;
  state.random.fill({dcid.data, dcid.datalen});

  NativePath native(path);
  const ngtcp2_settings settings = self->settings(now);
  const ngtcp2_transport_params params = self->transport_params();
  ngtcp2_conn* conn = nullptr;
  const int made = ngtcp2_conn_client_new(&conn, &dcid, &scid, native.get(), NGTCP2_PROTO_VER_V1,
                                          &callbacks(), &settings, &params, nullptr, self.get());
  if (auto begun = self->begin(made, conn); !begun) return tl::unexpected(begun.error());
  return self;
}

Result<std::unique_ptr<QuicConnection>> QuicConnection::server(EndpointState& state,
                                                               const Path& path,
                                                               const ngtcp2_pkt_hd& header,
                                                               const ngtcp2_cid* retried,
                                                               Time now) {
  std::unique_ptr<QuicConnection> self(new QuicConnection(state, true, now));
  ngtcp2_cid scid;
  if (!self->new_cid(scid)) return fail("accepting QUIC: no connection id is free");
  // The client's own choice stays routed as long as the connection lives: a late copy of its first
  // packet must not look like a new client.
  self->route(state.by_cid, bytes_of(header.dcid));

  ngtcp2_settings settings = self->settings(now);
  ngtcp2_transport_params params = self->transport_params();
  const auto token = self->reset_token(scid);
  std::ranges::copy(token, params.stateless_reset_token);
  params.stateless_reset_token_present = 1;
  compat::set_original_dcid(params, retried != nullptr ? *retried : header.dcid);
  if (retried != nullptr) {
    params.retry_scid = header.dcid;
    params.retry_scid_present = 1;
    compat::set_retry_token(settings, compat::token_of(header));
  }

  NativePath native(path);
  ngtcp2_conn* conn = nullptr;
  const int made = ngtcp2_conn_server_new(&conn, &header.scid, &scid, native.get(), header.version,
                                          &callbacks(), &settings, &params, nullptr, self.get());
  if (auto begun = self->begin(made, conn); !begun) return tl::unexpected(begun.error());
  return self;
}

ngtcp2_settings QuicConnection::settings(Time now) const {
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
  settings.initial_ts = to_native(now);
  settings.max_tx_udp_payload_size = kMaxQuicPacket;
  settings.handshake_timeout = UINT64_MAX;  // ours lasts until the handshake is confirmed
  settings.rand_ctx.native_handle = &state_.random;
  return settings;
}

ngtcp2_transport_params QuicConnection::transport_params() const {
  const TransportOptions& options = state_.options.transport;
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_stream_data_bidi_local = kStreamWindow;
  params.initial_max_stream_data_bidi_remote = kStreamWindow;
  params.initial_max_stream_data_uni = kStreamWindow;
  params.initial_max_data = kConnectionWindow;
  params.initial_max_streams_bidi = kPeerBidirectionalStreams;
  params.initial_max_streams_uni = kPeerUnidirectionalStreams;
  params.max_idle_timeout = static_cast<ngtcp2_duration>(options.idle_timeout.count());
  params.active_connection_id_limit = kActiveCids;
  params.max_datagram_frame_size = options.max_datagram_frame_size;
  return params;
}

Result<void> QuicConnection::begin(int made, ngtcp2_conn* conn) {
  if (made != 0) return quic_failure("starting QUIC", made);
  conn_.reset(conn);
  auto session = TlsSession::make(*state_.tls);
  if (!session) return tl::unexpected(session.error());
  tls_ = std::move(*session);
  tls_->attach(conn);
  ++state_.stats.handshakes_started;
  mark_dirty();
  return {};
}

bool QuicConnection::new_cid(ngtcp2_cid& cid) {
  cid.datalen = kCidSize;
  for (int tries = 0; tries < 8; ++tries) {
    state_.random.fill({cid.data, cid.datalen});
    if (state_.by_cid.find(bytes_of(cid)) != nullptr) continue;
    route(state_.by_cid, bytes_of(cid));
    return true;
  }
  return false;
}

std::array<std::uint8_t, kResetTokenSize> QuicConnection::reset_token(const ngtcp2_cid& cid) const {
  std::array<std::uint8_t, kResetTokenSize> token{};
  const auto& secret = state_.options.static_secret;
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), secret.data(), secret.size(),
                                                   &cid) != 0) {
    state_.random.fill(token);  // never recognised, and never guessed
  }
  return token;
}

void QuicConnection::route(Router& router, Bytes key) {
  if (router.add(key, *this)) routes_.push_back({&router, RoutingKey(key)});
}

void QuicConnection::unroute(Router& router, Bytes key) {
  const RoutingKey gone(key);
  router.remove(gone, *this);
  std::erase_if(routes_, [&](const Route& r) { return r.router == &router && r.key == gone; });
}

}  // namespace oneping::quic
