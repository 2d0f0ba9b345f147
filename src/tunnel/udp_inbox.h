// What the peer's calls about UDP sessions leave for their connection to read outside of kj, for
// the reasons given in registration_server.h.
#pragma once

#include <kj/async.h>

#include <optional>
#include <vector>

#include "tunnel.capnp.h"
#include "tunnel/udp_session.h"

namespace oneping::tunnel {

struct UdpInbox {
  // Calls that wait for the connection's next turn; more are refused.
  static constexpr std::size_t kMaxCalls = 256;

  struct Registration {
    UdpRegistration what;
    kj::Own<kj::PromiseFulfiller<UdpAnswer>> answer;
  };
  std::vector<Registration> registrations;
  std::vector<Uuid> ended;
};

// Reading may throw kj::Exception: call these inside a promise's callback only. Nothing: an id or
// an address that is none.
[[nodiscard]] std::optional<UdpRegistration> read_udp_registration(
    schema::SessionManager::RegisterUdpSessionParams::Reader params);
[[nodiscard]] std::optional<Uuid> read_udp_id(capnp::Data::Reader data);

// Serve the calls of a SessionManager.
[[nodiscard]] kj::Promise<void> take_registration(
    UdpInbox& inbox, capnp::CallContext<schema::SessionManager::RegisterUdpSessionParams,
                                        schema::SessionManager::RegisterUdpSessionResults>
                         context);
[[nodiscard]] kj::Promise<void> take_end(
    UdpInbox& inbox, capnp::CallContext<schema::SessionManager::UnregisterUdpSessionParams,
                                        schema::SessionManager::UnregisterUdpSessionResults>
                         context);

}  // namespace oneping::tunnel
