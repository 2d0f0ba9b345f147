#include "tunnel/udp_calls.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "tunnel.capnp.h"
#include "tunnel/registration_codec.h"
#include "tunnel/rpc_session.h"
#include "tunnel/stream_signature.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxWords = 512;
constexpr std::uint64_t kResetCode = 0;

kj::ArrayPtr<const kj::byte> data_of(Bytes bytes) { return {bytes.data(), bytes.size()}; }

// The stream must begin with the signature before the session writes its first message.
quic::StreamId signed_stream(quic::Connection& connection, quic::StreamId stream) {
  connection.write(stream, kRpcSignature, false);
  return stream;
}

}  // namespace

// Members in the order in which they rest on each other.
class UdpCalls::Call {
 public:
  Call(quic::Connection& connection, quic::StreamId stream, const Wanted& wanted, Time now)
      : id(wanted.registration.id),
        is_end(wanted.is_end),
        since(now),
        session(connection, signed_stream(connection, stream), RpcSession::kSmallReceiveLimit) {
    auto server = session.remote().castAs<schema::SessionManager>();
    if (is_end) {
      end_session(server, wanted);
    } else {
      register_session(server, wanted.registration);
    }
  }

  Uuid id;
  bool is_end;
  Time since;
  RpcSession session;
  std::shared_ptr<std::optional<UdpAnswer>> answer = std::make_shared<std::optional<UdpAnswer>>();

 private:
  void register_session(schema::SessionManager::Client& server, const UdpRegistration& wanted) {
    auto request = server.registerUdpSessionRequest();
    request.setSessionId(data_of(wanted.id));
    request.setDstIp(data_of(wanted.destination.address.network_bytes()));
    request.setDstPort(wanted.destination.port);
    request.setCloseAfterIdleHint(wanted.idle.count());
    call_ = request.send()
                .then([answer = answer](auto&& response) {
                  const auto error = response.getResult().getErr();
                  *answer = error.size() == 0
                                ? UdpAnswer{}
                                : UdpAnswer{UdpResult::error, printable(error, kMaxWords)};
                })
                .eagerlyEvaluate(
                    [answer = answer](kj::Exception&& exception) { fail(*answer, exception); });
  }

  void end_session(schema::SessionManager::Client& server, const Wanted& wanted) {
    auto request = server.unregisterUdpSessionRequest();
    request.setSessionId(data_of(id));
    request.setMessage(wanted.message);
    call_ = request.send()
                .then([answer = answer](auto&&) { *answer = UdpAnswer{}; })
                .eagerlyEvaluate(
                    [answer = answer](kj::Exception&& exception) { fail(*answer, exception); });
  }

  static void fail(std::optional<UdpAnswer>& answer, const kj::Exception& exception) {
    answer = UdpAnswer{UdpResult::error, printable(exception.getDescription(), kMaxWords)};
  }

  kj::Promise<void> call_ = nullptr;
};

UdpCalls::UdpCalls(quic::Connection& connection) : connection_(&connection) {}

UdpCalls::~UdpCalls() = default;

bool UdpCalls::register_session(const UdpRegistration& registration) {
  Wanted wanted{.registration = registration, .is_end = false, .message = {}};
  wanted.registration.payload = {};
  take_back(registration.id, true);  // calls of one session under way together have no order
  return want(std::move(wanted));
}

bool UdpCalls::unregister_session(const Uuid& id, std::string_view message) {
  if (take_back(id, false) && !is_under_way(id)) return true;
  return want({.registration = {.id = id}, .is_end = true, .message = std::string(message)});
}

bool UdpCalls::want(Wanted wanted) {
  if (connection_ == nullptr || waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(std::move(wanted));
  return true;
}

bool UdpCalls::take_back(const Uuid& id, bool is_end) {
  return std::erase_if(waiting_, [&](const Wanted& wanted) {
           return wanted.registration.id == id && wanted.is_end == is_end;
         }) > 0;
}

bool UdpCalls::is_under_way(const Uuid& id) const {
  return std::ranges::any_of(calls_, [&](const auto& call) { return call->id == id; });
}

bool UdpCalls::on_data(quic::StreamId stream, Bytes bytes, bool fin) {
  const auto call = std::ranges::find_if(
      calls_, [stream](const auto& c) { return c->session.stream() == stream; });
  if (call == calls_.end()) return false;
  (*call)->session.on_data(bytes, fin);
  return true;
}

void UdpCalls::run(Time now) {
  std::erase_if(calls_, [&](const auto& call) {
    const bool is_over = call->answer->has_value() || call->session.end().has_value();
    const bool is_late = now - call->since >= kPatience;
    if (!is_over && !is_late) return false;
    put_away(*call);
    return true;
  });
  begin_calls(now);
}

void UdpCalls::begin_calls(Time now) {
  while (connection_ != nullptr && !waiting_.empty() && calls_.size() < kMaxAtOnce) {
    const auto stream = connection_->open_stream();
    if (!stream) return;  // until the peer allows more
    calls_.push_back(std::make_unique<Call>(*connection_, *stream, waiting_.front(), now));
    waiting_.pop_front();
  }
}

void UdpCalls::put_away(Call& call) {
  if (!call.answer->has_value()) *call.answer = UdpAnswer{UdpResult::error, "no answer in time"};
  const UdpAnswer& answer = **call.answer;
  if (!call.is_end) {
    answers_.emplace_back(call.id, answer);
  } else if (answer.result != UdpResult::ok) {
    log::debug("UDP session {}: its end was not taken: {}", to_string(call.id), answer.error);
  }
  if (call.session.end() || answer.result == UdpResult::ok) {
    call.session.finish();
  } else if (connection_ != nullptr) {
    connection_->reset_stream(call.session.stream(), kResetCode);
  }
}

void UdpCalls::detach() {
  connection_ = nullptr;
  for (const auto& call : calls_) call->session.detach();
  calls_.clear();
  waiting_.clear();
}

}  // namespace oneping::tunnel
