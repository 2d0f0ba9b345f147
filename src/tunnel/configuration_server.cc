#include "tunnel/configuration_server.h"

#include <kj/debug.h>

#include <utility>

namespace oneping::tunnel {

namespace {

class CloudflaredServerImpl final : public schema::CloudflaredServer::Server {
 public:
  CloudflaredServerImpl(std::shared_ptr<ConfigurationInbox> inbox, std::shared_ptr<UdpInbox> udp)
      : inbox_(std::move(inbox)), udp_(std::move(udp)) {}

  kj::Promise<void> updateConfiguration(UpdateConfigurationContext context) override {
    KJ_REQUIRE(inbox_->requests.size() < ConfigurationInbox::kMaxRequests,
               "too many configurations at once");
    const auto params = context.getParams();
    const auto chars = params.getConfig().asChars();
    auto decision = kj::newPromiseAndFulfiller<ConfigurationOutcome>();
    inbox_->requests.push_back({.version = params.getVersion(),
                                .json = std::string(chars.begin(), chars.size()),
                                .answer = kj::mv(decision.fulfiller)});
    return decision.promise.then([context](ConfigurationOutcome outcome) mutable {
      auto result = context.getResults().initResult();
      result.setLatestAppliedVersion(outcome.latest_applied_version);
      if (!outcome.error.empty()) result.setErr(outcome.error.c_str());
    });
  }

  kj::Promise<void> registerUdpSession(RegisterUdpSessionContext context) override {
    return take_registration(*udp_, context);
  }

  kj::Promise<void> unregisterUdpSession(UnregisterUdpSessionContext context) override {
    return take_end(*udp_, context);
  }

 private:
  std::shared_ptr<ConfigurationInbox> inbox_;
  std::shared_ptr<UdpInbox> udp_;
};

}  // namespace

schema::CloudflaredServer::Client make_configuration_server(
    std::shared_ptr<ConfigurationInbox> inbox, std::shared_ptr<UdpInbox> udp) {
  return kj::heap<CloudflaredServerImpl>(std::move(inbox), std::move(udp));
}

}  // namespace oneping::tunnel
