// Why a connection ended, in CloseInfo's words: from ngtcp2's codes and the peer's
// CONNECTION_CLOSE.
#pragma once

#include "quic/connection.h"
#include "quic/ngtcp2_compat.h"

namespace oneping::quic {

// Nothing came for `timeout`: in the handshake or, when `ready`, after it.
[[nodiscard]] CloseInfo silent_peer(Duration timeout, bool ready);
// What the peer's CONNECTION_CLOSE says. Before `ready` a transport error is a refusal.
[[nodiscard]] CloseInfo closed_by_peer(const compat::CloseError& error, bool ready);
[[nodiscard]] CloseInfo stateless_reset();
// We refused the peer by `alert`; `why` may be empty.
[[nodiscard]] CloseInfo refused_by_us(unsigned alert, const std::string& why);
// ngtcp2 found the connection broken.
[[nodiscard]] CloseInfo broken(int library_error, bool ready);

}  // namespace oneping::quic
