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
  Call(quic::Connection& connection, quic::StreamId stream, const UdpRegistration& wanted, Time now)
      : Call(connection, stream, wanted.id, false, now) {
    register_session(session.remote().castAs<schema::SessionManager>(), wanted);
  }
  Call(quic::Connection& connection, quic::StreamId stream, const End& wanted, Time now)
      : Call(connection, stream, wanted.id, true, now) {
    end_session(session.remote().castAs<schema::SessionManager>(), wanted);
  }

  Uuid id;
  bool is_end;
  Time since;
  RpcSession session;
  std::shared_ptr<std::optional<UdpAnswer>> answer = std::make_shared<std::optional<UdpAnswer>>();

 private:
  Call(quic::Connection& connection, quic::StreamId stream, const Uuid& of, bool ends, Time now)
      : id(of),
        is_end(ends),
        since(now),
        session(connection, signed_stream(connection, stream), RpcSession::kSmallReceiveLimit) {}

  void register_session(schema::SessionManager::Client server, const UdpRegistration& wanted) {
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

  void end_session(schema::SessionManager::Client server, const End& wanted) {
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
  // Calls of one session under way together have no order.
  std::erase_if(ends_, [&](const End& end) { return end.id == registration.id; });
  if (connection_ == nullptr || registrations_.size() >= kMaxWaiting) return false;
  registrations_.push_back(registration);
  registrations_.back().payload = {};
  return true;
}

bool UdpCalls::unregister_session(const Uuid& id, std::string_view message) {
  const auto taken_back = std::erase_if(
      registrations_, [&](const UdpRegistration& registration) { return registration.id == id; });
  if (taken_back > 0 && !is_under_way(id)) return true;
  if (connection_ == nullptr || ends_.size() >= kMaxWaiting) return false;
  ends_.push_back({id, std::string(message)});
  return true;
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
  const auto begin_those_of = [&](auto& waiting) {
    while (!waiting.empty() && calls_.size() < kMaxAtOnce) {
      const auto stream = connection_->open_stream();
      if (!stream) return;  // until the peer allows more
      calls_.push_back(std::make_unique<Call>(*connection_, *stream, waiting.front(), now));
      waiting.pop_front();
    }
  };
  if (connection_ == nullptr) return;
  begin_those_of(registrations_);
  if (registrations_.empty()) begin_those_of(ends_);
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
  registrations_.clear();
  ends_.clear();
}

}  // namespace oneping::tunnel
