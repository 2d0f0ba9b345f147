#include "tunnel/connector_connection.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "tunnel/configuration_server.h"
#include "tunnel/connect_server.h"
#include "tunnel/peer_streams.h"
#include "tunnel/registration_calls.h"
#include "tunnel/rpc_loop.h"
#include "tunnel/udp_calls.h"
#include "tunnel/udp_format.h"

namespace oneping::tunnel {

namespace {

constexpr std::uint64_t kGoodbye = 0;
constexpr std::uint64_t kProtocolError = 1;

}  // namespace

class ConnectorConnection::Impl final : private ConnectServerEvents {
 public:
  Impl(ConnectorConnection& self, Registration registration, PacketPool& pool,
       ConnectorConnectionEvents& events)
      : self_(self), events_(events), pool_(pool), registration_(std::move(registration)) {}

  // For kj's may throw, and that of the events does not.
  ~Impl() noexcept override = default;

  void start(quic::Connection& connection) { quic_ = &connection; }
  TunnelLink& link() { return link_; }
  quic::Connection& quic() { return *quic_; }
  bool is_registered() const { return link_.is_open(); }

  void unregister() {
    stirred_ = true;
    if (quic_ == nullptr || std::exchange(unregistering_, true)) return;
    if (control_ && is_registered()) {
      control_->unregister_connection();
    } else {
      answers_->unregistered = true;
    }
  }

  void end_udp(const Uuid& session, std::string_view why) {
    if (!is_registered() || link_.version() != DatagramVersion::v2) return;
    stirred_ = true;
    if (!calls_->unregister_session(session, why)) log::debug("UDP session: its end is not told");
  }

  void answer_connect(quic::StreamId stream, std::string_view error) {
    stirred_ = true;
    if (connects_) connects_->answer(stream, error);
  }

  void close(std::string_view reason) {
    if (quic_ == nullptr) return;
    quic_->close(kGoodbye, reason);
    let_go();
  }

  void run(Time now) {
    if (!std::exchange(stirred_, false)) return;
    loop_->poll();
    deliver_answers(now);
    deliver_configurations(now);
    deliver_udp(now);
    deliver_checks(now);
    loop_->poll();  // writes the answers
    reap(now);
    if (calls_) {
      calls_->run(now);
      stirred_ = stirred_ || calls_->is_busy();
    }
  }

  void on_ready(Time now) {
    stirred_ = true;
    const auto stream = quic_->open_stream();
    if (!stream) {
      give_up("no control stream: " + stream.error().message, now);
      return;
    }
    control_.emplace(*quic_, *stream, answers_);
    connects_.emplace(*quic_, static_cast<ConnectServerEvents&>(*this));
    streams_.emplace(*quic_, make_configuration_server(inbox_, udp_inbox_), &*connects_);
    calls_.emplace(*quic_);
    control_->register_connection(registration_);
  }

  void on_datagram(Bytes datagram, Time now) {
    if (!is_registered()) {
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
    if (quic_ == nullptr || !streams_) return;
    if (control_ && stream == control_->session().stream()) {
      control_->session().on_data(bytes, fin);
    } else if (opened_by_server(stream)) {
      streams_->on_data(stream, bytes, fin);
    } else {
      calls_->on_data(stream, bytes, fin);
    }
  }

  void on_stream_closed(quic::StreamId stream) {
    stirred_ = true;
    if (quic_ == nullptr || !streams_) return;
    if (control_ && stream == control_->session().stream()) {
      control_->session().on_data({}, true);
    } else if (!calls_->on_closed(stream)) {
      streams_->on_closed(stream);
    }
  }

  void on_closed(const quic::CloseInfo& info, Time now) {
    let_go();
    events_.on_closed(self_, info, now);
  }

 private:
  static bool opened_by_server(quic::StreamId stream) { return (stream & 1) != 0; }

  // The owner may close() in each event.
  void deliver_answers(Time now) {
    if (quic_ == nullptr) return;
    if (const auto answer = std::exchange(answers_->registration, std::nullopt)) {
      if (const auto* accepted = std::get_if<RegistrationAccepted>(&*answer)) {
        link_.open(*quic_, datagram_version(registration_));
        events_.on_registered(self_, *accepted, now);
      } else if (const auto* refused = std::get_if<RegistrationRefused>(&*answer)) {
        refused_ = true;
        events_.on_refused(self_, *refused, now);
      }
    }
    if (quic_ != nullptr && std::exchange(answers_->unregistered, false)) {
      events_.on_unregistered(self_, now);
    }
  }

  void deliver_configurations(Time now) {
    auto requests = std::exchange(inbox_->requests, {});
    for (auto& request : requests) {
      if (quic_ == nullptr) return;
      std::string error;
      if (request.version > applied_version_) {
        const auto result = events_.on_configuration(self_, request.version, request.json, now);
        if (result) {
          applied_version_ = request.version;
        } else {
          error = result.error().message;
        }
      }
      request.answer->fulfill(ConfigurationOutcome{applied_version_, std::move(error)});
    }
  }

  void on_udp_message(Bytes datagram, Time now) {
    const auto message = read_udp_message(link_.version(), datagram);
    if (!message) return events_.on_bad_datagram(self_, message.error(), now);
    if (const auto* payload = std::get_if<UdpPayload>(&*message)) {
      events_.on_udp_payload(self_, payload->id, payload->bytes, now);
    } else if (const auto* registration = std::get_if<UdpRegistration>(&*message)) {
      register_udp(*registration, now);
    } else {
      events_.on_bad_datagram(self_, DropReason::unknown_datagram, now);  // only we respond
    }
  }

  // The answer is lost when there is no room for it; then the edge asks again.
  void register_udp(const UdpRegistration& registration, Time now) {
    const UdpAnswer answer = events_.on_udp_register(self_, registration, now);
    auto response =
        make_udp_response(pool_, {registration.id, answer.result, std::string_view(answer.error)});
    if (response) static_cast<void>(link_.send_datagram(*response, now));
    if (answer.result != UdpResult::ok || !registration.has_payload) return;
    events_.on_udp_payload(self_, registration.id, registration.payload, now);
  }

  void on_connect_check(quic::StreamId stream, const SocketAddress& destination) override {
    checks_.push_back({stream, destination});
  }

  void deliver_checks(Time now) {
    for (const auto& [stream, destination] : std::exchange(checks_, {})) {
      if (quic_ == nullptr) return;
      events_.on_connect_check(self_, stream, destination, now);
    }
  }

  void deliver_udp(Time now) {
    auto registrations = std::exchange(udp_inbox_->registrations, {});
    for (auto& registration : registrations) {
      if (quic_ == nullptr) return;
      registration.answer->fulfill(events_.on_udp_register(self_, registration.what, now));
    }
    for (const Uuid& id : std::exchange(udp_inbox_->ended, {})) {
      if (quic_ == nullptr) return;
      events_.on_udp_end(self_, id, now);
    }
  }

  void reap(Time now) {
    if (quic_ == nullptr || !streams_) return;
    streams_->reap();
    if (control_ && control_->session().end()) end_control(*control_->session().end(), now);
  }

  // The tunnel works without a control stream once it is registered; an edge may end it in order.
  void end_control(const RpcEnd end, Time now) {
    if (end.kind == RpcEnd::Kind::finished && (is_registered() || refused_ || unregistering_)) {
      control_->session().finish();
      control_.reset();
      return;
    }
    give_up("control stream: " + end.reason, now);
  }

  void give_up(const std::string& reason, Time now) {
    log::warn("connection {} to the edge: closed, {}", registration_.connection_index, reason);
    quic_->close(kProtocolError, reason);
    let_go();
    events_.on_closed(self_, {quic::CloseKind::transport, kProtocolError, reason}, now);
  }

  // The QUIC connection is not ours any more.
  void let_go() {
    if (quic_ == nullptr) return;
    quic_ = nullptr;
    link_.close();
    inbox_->requests.clear();
    udp_inbox_->registrations.clear();
    if (control_) control_->session().detach();
    if (streams_) streams_->detach();
    if (calls_) calls_->detach();
    control_.reset();
    streams_.reset();
    calls_.reset();
    connects_.reset();
  }

  ConnectorConnection& self_;
  ConnectorConnectionEvents& events_;
  PacketPool& pool_;
  quic::Connection* quic_ = nullptr;  // null before start() and once it is closed
  std::shared_ptr<RpcLoop> loop_ = RpcLoop::of_this_thread();
  bool stirred_ = true;  // something has come that run() must look at; packets do not stir it
  Registration registration_;
  TunnelLink link_;
  bool refused_ = false;
  bool unregistering_ = false;
  std::int32_t applied_version_ = -1;
  std::shared_ptr<RegistrationAnswers> answers_ = std::make_shared<RegistrationAnswers>();
  std::shared_ptr<ConfigurationInbox> inbox_ = std::make_shared<ConfigurationInbox>();
  std::shared_ptr<UdpInbox> udp_inbox_ = std::make_shared<UdpInbox>();
  std::vector<std::pair<quic::StreamId, SocketAddress>> checks_;  // asked for in this turn
  std::optional<RegistrationCalls> control_;
  std::optional<ConnectServer> connects_;
  std::optional<PeerStreams> streams_;
  std::optional<UdpCalls> calls_;
};

ConnectorConnection::ConnectorConnection(Registration registration, PacketPool& pool,
                                         ConnectorConnectionEvents& events)
    : impl_(std::make_unique<Impl>(*this, std::move(registration), pool, events)) {}

ConnectorConnection::~ConnectorConnection() = default;

void ConnectorConnection::start(quic::Connection& connection) { impl_->start(connection); }
TunnelLink& ConnectorConnection::link() { return impl_->link(); }
quic::Connection& ConnectorConnection::quic() { return impl_->quic(); }
bool ConnectorConnection::is_registered() const { return impl_->is_registered(); }

void ConnectorConnection::answer_connect(quic::StreamId stream, std::string_view error) {
  impl_->answer_connect(stream, error);
}
void ConnectorConnection::end_udp(const Uuid& session, std::string_view why) {
  impl_->end_udp(session, why);
}
void ConnectorConnection::unregister() { impl_->unregister(); }
void ConnectorConnection::close(std::string_view reason) { impl_->close(reason); }
void ConnectorConnection::run(Time now) { impl_->run(now); }

void ConnectorConnection::on_ready(Time now) { impl_->on_ready(now); }
void ConnectorConnection::on_datagram(Bytes datagram, Time now) {
  impl_->on_datagram(datagram, now);
}
void ConnectorConnection::on_stream_data(quic::StreamId stream, Bytes bytes, bool fin, Time) {
  impl_->on_stream_data(stream, bytes, fin);
}
void ConnectorConnection::on_stream_closed(quic::StreamId stream, Time) {
  impl_->on_stream_closed(stream);
}
void ConnectorConnection::on_closed(const quic::CloseInfo& info, Time now) {
  impl_->on_closed(info, now);
}

}  // namespace oneping::tunnel
