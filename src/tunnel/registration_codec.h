// Registrations and their answers to and from Cap'n Proto. What comes from the peer is bounded and
// checked here. Reading may throw kj::Exception (a broken message): call these inside a promise's
// callback only, where kj catches it.
#pragma once

#include "base/result.h"
#include "tunnel.capnp.h"
#include "tunnel/registration.h"

namespace oneping::tunnel {

using RegisterConnectionParams = schema::RegistrationServer::RegisterConnectionParams;

// Fails with what is wrong with it, fit to be sent back as the refusal's cause.
[[nodiscard]] Result<Registration> read_registration(RegisterConnectionParams::Reader params);
void write_registration(const Registration& registration, RegisterConnectionParams::Builder params);

// An answer that makes no sense reads as a refusal that says so.
[[nodiscard]] RegistrationAnswer read_answer(schema::ConnectionResponse::Reader response);
void write_answer(const RegistrationAnswer& answer, schema::ConnectionResponse::Builder response);

// At most `max_size` bytes of a peer's text, with everything but printable ASCII replaced by '?':
// fit for a log line.
[[nodiscard]] std::string printable(kj::StringPtr text, std::size_t max_size);

}  // namespace oneping::tunnel
