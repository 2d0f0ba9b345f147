#include "tunnel/udp_inbox.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace oneping::tunnel {

std::optional<Uuid> read_udp_id(capnp::Data::Reader data) {
  Uuid id{};
  if (data.size() != id.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), id.begin());
  return id;
}

std::optional<UdpRegistration> read_udp_registration(
    schema::SessionManager::RegisterUdpSessionParams::Reader params) {
  const auto id = read_udp_id(params.getSessionId());
  const auto address = params.getDstIp();
  if (!id || (address.size() != 4 && address.size() != 16)) return std::nullopt;
  UdpRegistration registration{
      .id = *id,
      .destination = {address.size() == 4 ? IpAddress::from_v4(address.begin())
                                          : IpAddress::from_v6(address.begin()),
                      params.getDstPort()}};
  if (params.getCloseAfterIdleHint() > 0) {
    registration.idle = Duration(params.getCloseAfterIdleHint());
  }
  return registration;
}

kj::Promise<void> take_registration(
    UdpInbox& inbox, capnp::CallContext<schema::SessionManager::RegisterUdpSessionParams,
                                        schema::SessionManager::RegisterUdpSessionResults>
                         context) {
  const auto registration = read_udp_registration(context.getParams());
  if (!registration || inbox.registrations.size() >= UdpInbox::kMaxCalls) {
    context.getResults().initResult().setErr(registration ? "too many registrations at once"
                                                          : "no session id or no address");
    return kj::READY_NOW;
  }
  auto decision = kj::newPromiseAndFulfiller<UdpAnswer>();
  inbox.registrations.push_back({*registration, kj::mv(decision.fulfiller)});
  return decision.promise.then([context](UdpAnswer answer) mutable {
    auto result = context.getResults().initResult();
    if (answer.result != UdpResult::ok) result.setErr(answer.error.c_str());
  });
}

kj::Promise<void> take_end(UdpInbox& inbox,
                           capnp::CallContext<schema::SessionManager::UnregisterUdpSessionParams,
                                              schema::SessionManager::UnregisterUdpSessionResults>
                               context) {
  const auto id = read_udp_id(context.getParams().getSessionId());
  KJ_REQUIRE(inbox.ended.size() < UdpInbox::kMaxCalls, "too many sessions end at once");
  if (id) inbox.ended.push_back(*id);
  return kj::READY_NOW;
}

}  // namespace oneping::tunnel
