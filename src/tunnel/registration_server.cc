#include "tunnel/registration_server.h"

#include <utility>

#include "base/log.h"
#include "tunnel/registration_codec.h"

namespace oneping::tunnel {

namespace {

class RegistrationServerImpl final : public schema::RegistrationServer::Server {
 public:
  explicit RegistrationServerImpl(std::shared_ptr<RegistrationInbox> inbox)
      : inbox_(std::move(inbox)) {}

  kj::Promise<void> registerConnection(RegisterConnectionContext context) override {
    if (std::exchange(inbox_->asked, true)) {
      return refuse(context, "this connection has registered before");
    }
    auto registration = read_registration(context.getParams());
    if (!registration) return refuse(context, registration.error().message);

    auto decision = kj::newPromiseAndFulfiller<RegistrationAnswer>();
    inbox_->request.emplace(
        RegistrationInbox::Request{std::move(*registration), kj::mv(decision.fulfiller)});
    return decision.promise.then([context](RegistrationAnswer answer) mutable {
      write_answer(answer, context.getResults().initResult());
    });
  }

  kj::Promise<void> unregisterConnection(UnregisterConnectionContext) override {
    inbox_->unregistered = true;
    return kj::READY_NOW;
  }

  // A connector's own idea of its configuration is of no use to this edge.
  kj::Promise<void> updateLocalConfiguration(UpdateLocalConfigurationContext) override {
    return kj::READY_NOW;
  }

 private:
  static kj::Promise<void> refuse(RegisterConnectionContext context, const std::string& cause) {
    log::debug("registration refused: {}", cause);  // anybody can make us say it
    write_answer(RegistrationRefused{.cause = cause}, context.getResults().initResult());
    return kj::READY_NOW;
  }

  std::shared_ptr<RegistrationInbox> inbox_;
};

class SessionManagerImpl final : public schema::SessionManager::Server {
 public:
  explicit SessionManagerImpl(std::shared_ptr<UdpInbox> inbox) : inbox_(std::move(inbox)) {}

  kj::Promise<void> unregisterUdpSession(UnregisterUdpSessionContext context) override {
    return take_end(*inbox_, context);
  }

 private:
  std::shared_ptr<UdpInbox> inbox_;
};

}  // namespace

schema::RegistrationServer::Client make_registration_server(
    std::shared_ptr<RegistrationInbox> inbox) {
  return kj::heap<RegistrationServerImpl>(std::move(inbox));
}

schema::SessionManager::Client make_session_manager(std::shared_ptr<UdpInbox> inbox) {
  return kj::heap<SessionManagerImpl>(std::move(inbox));
}

}  // namespace oneping::tunnel
