#include "tunnel/configuration_push.h"

#include <utility>

#include "base/log.h"
#include "tunnel/registration_codec.h"
#include "tunnel/stream_signature.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxLoggedText = 512;

// The stream must begin with the signature before the session writes its first message.
quic::StreamId signed_stream(quic::Connection& connection, quic::StreamId stream) {
  connection.write(stream, kRpcSignature, false);
  return stream;
}

void log_answer(const std::string& who, std::int32_t version,
                schema::UpdateConfigurationResponse::Reader result) {
  if (result.getErr().size() == 0) {
    log::info("{}: configuration {} is applied", who, result.getLatestAppliedVersion());
  } else {
    log::warn("{}: configuration {} was refused, version {} stays: {}", who, version,
              result.getLatestAppliedVersion(), printable(result.getErr(), kMaxLoggedText));
  }
}

}  // namespace

ConfigurationPush::ConfigurationPush(quic::Connection& connection, quic::StreamId stream,
                                     std::int32_t version, std::string_view json, std::string who)
    : session_(connection, signed_stream(connection, stream), RpcSession::kSmallReceiveLimit) {
  auto request = session_.remote().castAs<schema::CloudflaredServer>().updateConfigurationRequest();
  request.setVersion(version);
  request.setConfig(kj::StringPtr(json.data(), json.size()).asBytes());
  call_ =
      request.send()
          .then([who, version](auto&& response) { log_answer(who, version, response.getResult()); })
          .catch_([who, version](kj::Exception&& exception) {
            log::warn("{}: configuration {} was not answered: {}", who, version,
                      printable(exception.getDescription(), kMaxLoggedText));
          })
          .then([done = done_] { *done = true; })
          .eagerlyEvaluate(nullptr);
}

}  // namespace oneping::tunnel
