#include "tunnel/registration_calls.h"

#include <utility>

#include "base/log.h"
#include "tunnel/registration_codec.h"

namespace oneping::tunnel {

namespace {

constexpr std::size_t kMaxLoggedText = 512;

std::string text_of(const kj::Exception& exception) {
  return printable(exception.getDescription(), kMaxLoggedText);
}

}  // namespace

RegistrationCalls::RegistrationCalls(quic::Connection& connection, quic::StreamId stream,
                                     std::shared_ptr<RegistrationAnswers> answers)
    : answers_(std::move(answers)),
      session_(connection, stream, RpcSession::kReceiveLimit),
      server_(session_.remote().castAs<schema::RegistrationServer>()) {}

void RegistrationCalls::register_connection(const Registration& registration) {
  auto request = server_.registerConnectionRequest();
  write_registration(registration, request);
  registering_ = request.send()
                     .then([answers = answers_](auto&& response) {
                       answers->registration = read_answer(response.getResult());
                     })
                     .eagerlyEvaluate([answers = answers_](kj::Exception&& exception) {
                       answers->registration =
                           RegistrationRefused{.cause = text_of(exception), .should_retry = true};
                     });
}

void RegistrationCalls::unregister_connection() {
  unregistering_ = server_.unregisterConnectionRequest()
                       .send()
                       .then([answers = answers_](auto&&) { answers->unregistered = true; })
                       .eagerlyEvaluate([answers = answers_](kj::Exception&& exception) {
                         log::warn("unregistering: {}", text_of(exception));
                         answers->unregistered = true;
                       });
}

}  // namespace oneping::tunnel
