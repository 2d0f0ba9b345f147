#include "quic/endpoint.h"

#include <algorithm>

#include "quic/quic_connection.h"
#include "quic/stateless.h"

namespace oneping::quic {

namespace {

constexpr std::uint8_t kLongHeader = 0x80;  // RFC 9000, 17.2

EndpointOptions with_secret(EndpointOptions options, Random& random) {
  // A secret that everybody knows would let everybody reset our connections.
  if (std::ranges::all_of(options.static_secret, [](std::uint8_t byte) { return byte == 0; })) {
    random.fill(options.static_secret);
  }
  return options;
}

}  // namespace

class Endpoint::Impl {
 public:
  Impl(const EndpointOptions& options, std::shared_ptr<const TlsContext> tls, Random& random,
       Acceptor* acceptor)
      : acceptor_(acceptor),
        state_(with_secret(options, random), std::move(tls), random),
        answers_(state_.options.static_secret, random) {}

  void on_packets(const Path& path, Bytes bytes, std::size_t segment_size, Time now);
  void on_time(Time now);
  void flush(Time now, UdpSender& out);
  [[nodiscard]] Result<Connection*> connect(const Path& path, ConnectionEvents& events, Time now);
  [[nodiscard]] const EndpointState& state() const { return state_; }

 private:
  void on_packet(const Path& path, Bytes packet, Time now);
  void on_unknown(const Path& path, Bytes packet, const ngtcp2_version_cid& ids, Time now);
  void on_new_client(const Path& path, Bytes packet, Time now);
  void accept(const Path& path, Bytes packet, const ngtcp2_pkt_hd& header,
              const ngtcp2_cid* retried, Time now);
  void introduce(QuicConnection& connection, Time now);
  QuicConnection& keep(std::unique_ptr<QuicConnection> connection);
  void forget(QuicConnection& connection);
  void ignore() { ++state_.stats.udp_ignored; }
  // Time as ngtcp2 needs it: it never goes back.
  [[nodiscard]] Time turn(Time now) { return latest_ = std::max(latest_, now); }

  Acceptor* acceptor_;
  EndpointState state_;
  StatelessAnswers answers_;
  PacketRuns runs_;
  Time latest_{};
  std::vector<std::unique_ptr<QuicConnection>> connections_;  // after state_: they die first
};

void Endpoint::Impl::on_packets(const Path& path, Bytes bytes, std::size_t segment_size, Time now) {
  now = turn(now);
  while (!bytes.empty()) {
    const std::size_t size =
        segment_size == 0 ? bytes.size() : std::min(segment_size, bytes.size());
    ++state_.stats.udp_received;
    on_packet(path, bytes.first(size), now);
    bytes = bytes.subspan(size);
  }
}

void Endpoint::Impl::on_packet(const Path& path, Bytes packet, Time now) {
  ngtcp2_version_cid ids;
  const int result = ngtcp2_pkt_decode_version_cid(&ids, packet.data(), packet.size(), kCidSize);
  if (result != 0 && result != NGTCP2_ERR_VERSION_NEGOTIATION) return ignore();
  if (result == 0) {
    if (QuicConnection* const known = state_.by_cid.find({ids.dcid, ids.dcidlen})) {
      known->on_packet(path, packet, now);
      return introduce(*known, now);
    }
  }
  on_unknown(path, packet, ids, now);
}

void Endpoint::Impl::on_unknown(const Path& path, Bytes packet, const ngtcp2_version_cid& ids,
                                Time now) {
  if ((packet[0] & kLongHeader) == 0) {
    ignore();
    const Bytes token = packet.last(std::min(packet.size(), kResetTokenSize));
    if (QuicConnection* const reset = state_.by_reset_token.find(token)) {
      return reset->on_packet(path, packet, now);
    }
    // A client's ids die with its process, so its resets would tell nobody anything.
    if (acceptor_ == nullptr) return;
    return answers_.reset(path, {ids.dcid, ids.dcidlen}, packet.size(), now);
  }
  // Version 0 is itself a negotiation. Small packets get no answer: RFC 9000, 5.2.2 and 14.1.
  if (acceptor_ == nullptr || !state_.tls->impl().is_server || ids.version == 0 ||
      packet.size() < NGTCP2_MAX_UDP_PAYLOAD_SIZE) {
    return ignore();
  }
  if (ids.version != NGTCP2_PROTO_VER_V1) {
    ignore();
    return answers_.negotiate_version(path, ids);
  }
  on_new_client(path, packet, now);
}

void Endpoint::Impl::on_new_client(const Path& path, Bytes packet, Time now) {
  ngtcp2_pkt_hd header;
  if (ngtcp2_accept(&header, packet.data(), packet.size()) != 0) return ignore();
  const Bytes token = compat::token_of(header);
  if (!token.empty() && token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
    ngtcp2_cid original{};
    if (!answers_.verify_retry(path, header, now, original)) {
      return answers_.refuse(path, header, NGTCP2_INVALID_TOKEN);
    }
    return accept(path, packet, header, &original, now);
  }
  constexpr std::size_t kMinFirstDcid = 8;  // RFC 9000, 7.2
  if (header.dcid.datalen < kMinFirstDcid) return ignore();
  if (state_.half_open >= state_.options.retry_above) return answers_.retry(path, header, now);
  accept(path, packet, header, nullptr, now);
}

void Endpoint::Impl::accept(const Path& path, Bytes packet, const ngtcp2_pkt_hd& header,
                            const ngtcp2_cid* retried, Time now) {
  if (connections_.size() >= state_.options.max_connections) {
    return answers_.refuse(path, header, NGTCP2_CONNECTION_REFUSED);
  }
  auto made = QuicConnection::server(state_, path, header, retried, now);
  if (!made) return ignore();
  QuicConnection& connection = keep(std::move(*made));
  connection.on_packet(path, packet, now);
  introduce(connection, now);
}

// Garbage, and clients that offer nothing we speak, are refused before anybody hears of them.
void Endpoint::Impl::introduce(QuicConnection& connection, Time now) {
  if (acceptor_ != nullptr && connection.wants_user()) {
    connection.set_events(acceptor_->on_connection(connection, now));
  }
}

void Endpoint::Impl::on_time(Time now) {
  now = turn(now);
  while (QuicConnection* const due = state_.deadlines.pop_due(now)) due->on_time(now);
}

void Endpoint::Impl::flush(Time now, UdpSender& out) {
  now = turn(now);
  runs_.start(out);
  answers_.flush(runs_);
  for (std::size_t i = 0; i < state_.dirty.size(); ++i) {
    QuicConnection& connection = *state_.dirty[i];
    connection.flush(runs_, now);
    if (connection.is_dead()) forget(connection);
  }
  state_.dirty.clear();
  runs_.finish();
  state_.stats.udp_sent = runs_.packets();
}

Result<Connection*> Endpoint::Impl::connect(const Path& path, ConnectionEvents& events, Time now) {
  if (state_.tls->impl().is_server) return fail("connecting: this endpoint has a server's TLS");
  if (connections_.size() >= state_.options.max_connections) {
    return fail("connecting: too many connections");
  }
  auto made = QuicConnection::client(state_, path, events, turn(now));
  if (!made) return tl::unexpected(made.error());
  return &keep(std::move(*made));
}

QuicConnection& Endpoint::Impl::keep(std::unique_ptr<QuicConnection> connection) {
  connection->index = connections_.size();
  connections_.push_back(std::move(connection));
  return *connections_.back();
}

void Endpoint::Impl::forget(QuicConnection& connection) {
  const std::size_t index = connection.index;
  std::swap(connections_[index], connections_.back());
  connections_[index]->index = index;
  connections_.pop_back();
}

Endpoint::Endpoint(EndpointOptions options, std::shared_ptr<const TlsContext> tls, Random& random,
                   Acceptor* acceptor)
    : impl_(std::make_unique<Impl>(options, std::move(tls), random, acceptor)) {}
Endpoint::~Endpoint() = default;

void Endpoint::on_packets(const Path& path, Bytes bytes, std::size_t segment_size, Time now) {
  impl_->on_packets(path, bytes, segment_size, now);
}
void Endpoint::on_time(Time now) { impl_->on_time(now); }
Time Endpoint::next_deadline() const { return impl_->state().deadlines.next(); }
void Endpoint::flush(Time now, UdpSender& out) { impl_->flush(now, out); }

Result<Connection*> Endpoint::connect(const Path& path, ConnectionEvents& events, Time now) {
  return impl_->connect(path, events, now);
}

std::size_t Endpoint::connections() const { return impl_->state().open; }
const EndpointStats& Endpoint::stats() const { return impl_->state().stats; }

}  // namespace oneping::quic
