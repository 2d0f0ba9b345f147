// What the connector calls on the control stream, the first that it opens: to register, and to
// leave. The answers are left for the connection's next turn, so that nothing of it is touched from
// inside a promise. Borrows the QUIC connection until the session is detached.
#pragma once

#include <kj/async.h>

#include <memory>
#include <optional>

#include "tunnel.capnp.h"
#include "tunnel/registration.h"
#include "tunnel/rpc_session.h"

namespace oneping::tunnel {

struct RegistrationAnswers {
  std::optional<RegistrationAnswer> registration;
  bool unregistered = false;
};

class RegistrationCalls {
 public:
  RegistrationCalls(quic::Connection& connection, quic::StreamId stream,
                    std::shared_ptr<RegistrationAnswers> answers);

  void register_connection(const Registration& registration);
  // An error is an answer too: the edge knows that we leave, or never will.
  void unregister_connection();

  [[nodiscard]] RpcSession& session() { return session_; }

 private:
  std::shared_ptr<RegistrationAnswers> answers_;
  RpcSession session_;  // the members from here on in the order in which they rest on each other
  schema::RegistrationServer::Client server_;
  kj::Promise<void> registering_ = nullptr;
  kj::Promise<void> unregistering_ = nullptr;
};

}  // namespace oneping::tunnel
