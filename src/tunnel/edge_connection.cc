#include "tunnel/edge_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "tunnel/configuration_push.h"
#include "tunnel/connect_calls.h"
#include "tunnel/peer_streams.h"
#include "tunnel/registration_server.h"
#include "tunnel/rpc_loop.h"
#include "tunnel/udp_calls.h"
#include "tunnel/udp_format.h"

namespace oneping::tunnel {

namespace {

constexpr quic::StreamId kControlStream = 0;  // the first that a client opens (RFC 9000, 2.1)
constexpr std::uint64_t kGoodbye = 0;
constexpr std::uint64_t kProtocolError = 1;
constexpr std::size_t kMaxPushes = 4;
// What may be under way on a connection, with what is just over, fits into the streams that a
// connector of ours knows.
static_assert(2 * (UdpCalls::kMaxAtOnce + kMaxPushes) + ConnectCalls::kMaxAtOnce <=
              PeerStreams::kMaxStreams);

bool opened_by_server(quic::StreamId stream) { return (stream & 1) != 0; }

}  // namespace

class EdgeConnection::Impl {
 public:
  Impl(EdgeConnection& self, quic::Connection& quic, PacketPool& pool, EdgeConnectionEvents& events)
      : self_(self), events_(events), pool_(pool), quic_(&quic) {
    control_.emplace(quic, kControlStream, RpcSession::kSmallReceiveLimit,
                     make_registration_server(inbox_));
    streams_.emplace(quic, make_session_manager(udp_inbox_), nullptr);
    calls_.emplace(quic);
    connects_.emplace(quic);
  }

  TunnelLink& link() { return link_; }
  quic::Connection& quic() { return *quic_; }
  const std::optional<Registration>& registration() const { return registration_; }
  bool is_draining() const { return draining_; }

  void push_configuration(std::int32_t version, std::string_view json) {
    stirred_ = true;
    if (quic_ == nullptr) return;
    if (!registration_ || pushes_.size() >= kMaxPushes) {
      waiting_push_ = WaitingPush{version, std::string(json)};
      return;
    }
    auto stream = quic_->open_stream();
    if (!stream) {
      log::warn("{}: configuration {} not pushed: {}", name(), version, stream.error().message);
      return;
    }
    pushes_.push_back(std::make_unique<ConfigurationPush>(*quic_, *stream, version, json, name()));
  }

  bool register_udp(const UdpRegistration& registration, Time now) {
    if (!registration_ || quic_ == nullptr) return false;
    if (link_.version() == DatagramVersion::v3) {
      auto datagram = make_udp_registration(pool_, registration);
      return datagram && !link_.send_datagram(*datagram, now);
    }
    stirred_ = true;
    return calls_->register_session(registration);
  }

  // One that is not told ends at the connector when it has been idle for long enough.
  void end_udp(const Uuid& session, std::string_view why) {
    if (!registration_ || quic_ == nullptr || link_.version() != DatagramVersion::v2) return;
    stirred_ = true;
    if (!calls_->unregister_session(session, why))
      log::debug("{}: a UDP session's end is not told", name());
  }

  std::optional<quic::StreamId> ask_connect(const SocketAddress& destination) {
    if (!registration_ || quic_ == nullptr) return std::nullopt;
    return connects_->ask(destination);
  }

  void give_up_connect(quic::StreamId call) {
    if (connects_) connects_->give_up(call);
  }

  void close(std::string_view reason) {
    if (quic_ == nullptr) return;
    quic_->close(kGoodbye, reason);
    let_go();
  }

  void run(Time now) {
    if (!std::exchange(stirred_, false)) return;
    loop_->poll();
    deliver(now);
    loop_->poll();  // writes the answers
    reap(now);
    if (calls_) run_calls(now);
  }

  void on_datagram(Bytes datagram, Time now) {
    if (!registration_) {
      events_.on_bad_datagram(self_, DropReason::no_connection, now);
      return;
    }
    if (is_udp_message(link_.version(), datagram)) return on_udp_message(datagram, now);
    const auto packet = ip_packet_of(link_.version(), datagram);
    if (packet) {
      events_.on_packet(self_, *packet, now);
    } else {
      events_.on_bad_datagram(self_, packet.error(), now);
    }
  }

  void on_stream_data(quic::StreamId stream, Bytes bytes, bool fin) {
    stirred_ = true;
    if (quic_ == nullptr) return;
    if (stream == kControlStream) {
      if (control_) control_->on_data(bytes, fin);
    } else if (opened_by_server(stream)) {
      if (calls_->on_data(stream, bytes, fin) || connects_->on_data(stream, bytes, fin)) return;
      if (auto* push = find_push(stream)) push->on_data(bytes, fin);
    } else if (registration_) {
      streams_->on_data(stream, bytes, fin);
    } else {
      quic_->reset_stream(stream, kProtocolError);
    }
  }

  void on_stream_closed(quic::StreamId stream) {
    stirred_ = true;
    if (quic_ == nullptr) return;
    if (stream == kControlStream) {
      if (control_) control_->on_data({}, true);
    } else if (opened_by_server(stream)) {
      if (calls_->on_closed(stream) || connects_->on_closed(stream)) return;
      if (auto* push = find_push(stream)) push->on_data({}, true);
    } else {
      streams_->on_closed(stream);
    }
  }

  void on_closed(const quic::CloseInfo& info, Time now) {
    let_go();
    events_.on_closed(self_, info, now);
  }

 private:
  struct WaitingPush {
    std::int32_t version;
    std::string json;
  };

  // Gives the owner what the RPC calls have left in the inbox. The owner may close() in each event.
  void deliver(Time now) {
    if (quic_ == nullptr) return;
    if (auto request = std::exchange(inbox_->request, std::nullopt)) {
      auto answer = events_.on_register(self_, request->registration, now);
      if (quic_ == nullptr) return;
      if (std::holds_alternative<RegistrationAccepted>(answer)) accept(request->registration);
      request->answer->fulfill(std::move(answer));
      push_what_waits();
    }
    if (std::exchange(inbox_->unregistered, false)) drain(now);
    for (const Uuid& id : std::exchange(udp_inbox_->ended, {})) {
      if (quic_ != nullptr) events_.on_udp_end(self_, id, now);
    }
  }

  void on_udp_message(Bytes datagram, Time now) {
    const auto message = read_udp_message(link_.version(), datagram);
    if (!message) return events_.on_bad_datagram(self_, message.error(), now);
    if (const auto* payload = std::get_if<UdpPayload>(&*message)) {
      events_.on_udp_payload(self_, payload->id, payload->bytes, now);
    } else if (const auto* response = std::get_if<UdpResponse>(&*message)) {
      events_.on_udp_answer(self_, response->id, {response->result, std::string(response->error)},
                            now);
    } else {
      events_.on_bad_datagram(self_, DropReason::unknown_datagram, now);  // only we register
    }
  }

  void run_calls(Time now) {
    calls_->run(now);
    stirred_ = stirred_ || calls_->is_busy();
    for (const auto& [id, answer] : calls_->take_answers()) {
      if (quic_ == nullptr) return;
      events_.on_udp_answer(self_, id, answer, now);
    }
    if (!connects_) return;
    for (const auto& [call, error] : connects_->take_answers()) {
      if (quic_ == nullptr) return;
      events_.on_connect_answer(self_, call, error, now);
    }
  }

  void accept(Registration& registration) {
    registration_ = std::move(registration);
    std::ranges::fill(registration_->tunnel_secret,
                      std::uint8_t{0});  // judged; nobody needs it now
    registration_->tunnel_secret.clear();
    link_.open(*quic_, datagram_version(*registration_));
    control_->raise_receive_limit(RpcSession::kReceiveLimit);
  }

  void push_what_waits() {
    if (!registration_ || !waiting_push_) return;
    const auto push = *std::exchange(waiting_push_, std::nullopt);
    push_configuration(push.version, push.json);
  }

  void drain(Time now) {
    if (!registration_ || std::exchange(draining_, true)) return;
    events_.on_unregister(self_, now);
  }

  void reap(Time now) {
    if (quic_ == nullptr) return;
    streams_->reap();
    std::erase_if(pushes_, [](const auto& push) {
      if (push->is_done()) push->finish();
      return push->is_done();
    });
    push_what_waits();
    if (control_ && control_->end()) end_control(*control_->end(), now);
  }

  // A connector that leaves the control stream in order can only be on its way out. Nothing can
  // come of a connection whose control stream ended before it registered, or brought garbage.
  void end_control(const RpcEnd end, Time now) {
    if (end.kind == RpcEnd::Kind::finished && registration_) {
      control_->finish();
      control_.reset();
      drain(now);
      return;
    }
    const std::string reason = "control stream: " + end.reason;
    quic_->close(kProtocolError, reason);
    let_go();
    events_.on_closed(self_, {quic::CloseKind::transport, kProtocolError, reason}, now);
  }

  // The QUIC connection is not ours any more.
  void let_go() {
    if (quic_ == nullptr) return;
    quic_ = nullptr;
    link_.close();
    inbox_->request.reset();
    if (control_) control_->detach();
    for (auto& push : pushes_) push->detach();
    streams_->detach();
    calls_->detach();
    pushes_.clear();
    streams_.reset();
    calls_.reset();
    connects_.reset();
    control_.reset();
  }

  ConfigurationPush* find_push(quic::StreamId stream) {
    const auto found = std::find_if(pushes_.begin(), pushes_.end(), [stream](const auto& push) {
      return push->stream() == stream;
    });
    return found == pushes_.end() ? nullptr : found->get();
  }

  std::string name() const {
    if (!registration_) return "unregistered connection";
    return "tunnel " + to_string(registration_->tunnel_id) + " connection " +
           std::to_string(registration_->connection_index);
  }

  EdgeConnection& self_;
  EdgeConnectionEvents& events_;
  PacketPool& pool_;
  quic::Connection* quic_;  // null once it is closed
  std::shared_ptr<RpcLoop> loop_ = RpcLoop::of_this_thread();
  bool stirred_ = true;  // something has come that run() must look at; packets do not stir it
  TunnelLink link_;
  std::optional<Registration> registration_;
  bool draining_ = false;
  std::optional<WaitingPush> waiting_push_;
  std::shared_ptr<RegistrationInbox> inbox_ = std::make_shared<RegistrationInbox>();
  std::shared_ptr<UdpInbox> udp_inbox_ = std::make_shared<UdpInbox>();
  std::optional<RpcSession> control_;
  std::optional<PeerStreams> streams_;
  std::optional<UdpCalls> calls_;
  std::optional<ConnectCalls> connects_;
  std::vector<std::unique_ptr<ConfigurationPush>> pushes_;
};

EdgeConnection::EdgeConnection(quic::Connection& connection, PacketPool& pool,
                               EdgeConnectionEvents& events)
    : impl_(std::make_unique<Impl>(*this, connection, pool, events)) {}

EdgeConnection::~EdgeConnection() = default;

TunnelLink& EdgeConnection::link() { return impl_->link(); }
quic::Connection& EdgeConnection::quic() { return impl_->quic(); }
const std::optional<Registration>& EdgeConnection::registration() const {
  return impl_->registration();
}
bool EdgeConnection::is_draining() const { return impl_->is_draining(); }

void EdgeConnection::push_configuration(std::int32_t version, std::string_view json) {
  impl_->push_configuration(version, json);
}
bool EdgeConnection::register_udp(const UdpRegistration& registration, Time now) {
  return impl_->register_udp(registration, now);
}
void EdgeConnection::end_udp(const Uuid& session, std::string_view why) {
  impl_->end_udp(session, why);
}
std::optional<quic::StreamId> EdgeConnection::ask_connect(const SocketAddress& destination) {
  return impl_->ask_connect(destination);
}
void EdgeConnection::give_up_connect(quic::StreamId call) { impl_->give_up_connect(call); }
void EdgeConnection::close(std::string_view reason) { impl_->close(reason); }
void EdgeConnection::run(Time now) { impl_->run(now); }

void EdgeConnection::on_ready(Time) {}
void EdgeConnection::on_datagram(Bytes datagram, Time now) { impl_->on_datagram(datagram, now); }
void EdgeConnection::on_stream_data(quic::StreamId stream, Bytes bytes, bool fin, Time) {
  impl_->on_stream_data(stream, bytes, fin);
}
void EdgeConnection::on_stream_closed(quic::StreamId stream, Time) {
  impl_->on_stream_closed(stream);
}
void EdgeConnection::on_closed(const quic::CloseInfo& info, Time now) {
  impl_->on_closed(info, now);
}

}  // namespace oneping::tunnel
