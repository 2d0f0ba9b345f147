// What the edge serves: RegistrationServer on the control stream, and SessionManager on streams
// that a connector opens to end a UDP session.
//
// Calls only leave a note in the inbox; the edge connection reads it outside of kj and answers. So
// nothing of the connection is touched from inside a promise, and a server that kj still holds may
// outlive the connection.
#pragma once

#include <kj/async.h>

#include <memory>
#include <optional>

#include "tunnel.capnp.h"
#include "tunnel/registration.h"
#include "tunnel/udp_inbox.h"

namespace oneping::tunnel {

struct RegistrationInbox {
  struct Request {
    Registration registration;
    kj::Own<kj::PromiseFulfiller<RegistrationAnswer>> answer;
  };
  std::optional<Request> request;
  bool asked = false;  // a connection registers once
  bool unregistered = false;
};

[[nodiscard]] schema::RegistrationServer::Client make_registration_server(
    std::shared_ptr<RegistrationInbox> inbox);

// Registers none: connectors do not ask for sessions, they only end them.
[[nodiscard]] schema::SessionManager::Client make_session_manager(std::shared_ptr<UdpInbox> inbox);

}  // namespace oneping::tunnel
