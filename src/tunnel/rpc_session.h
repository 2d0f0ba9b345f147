// A Cap'n Proto session with the peer over one QUIC stream: one side serves its bootstrap object,
// the other calls it. Nothing happens here but in RpcLoop::poll().
//
// Clients made from remote(), and promises of their calls, must be gone before the session is.
// A session ends when the peer finishes or resets the stream, aborts, or sends bytes that are no
// RPC; end() then says how, and the owner destroys it.
#pragma once

#include <capnp/rpc-twoparty.h>

#include <memory>
#include <optional>
#include <string>

#include "tunnel/rpc_stream.h"

namespace oneping::tunnel {

struct RpcEnd {
  enum class Kind : std::uint8_t {
    finished,  // the peer ended the stream or said goodbye
    broken,    // what came was no sound RPC
  };
  Kind kind = Kind::finished;
  std::string reason;  // for a person
};

class RpcSession {
 public:
  // What a stream may bring before its peer is known, and afterwards. Bytes.
  static constexpr std::size_t kSmallReceiveLimit = 64 << 10;
  static constexpr std::size_t kReceiveLimit = 1 << 20;

  // Serves `bootstrap` on a stream that the peer opened.
  RpcSession(quic::Connection& connection, quic::StreamId stream, std::size_t receive_limit,
             capnp::Capability::Client bootstrap);
  // Calls the peer on a stream that we opened.
  RpcSession(quic::Connection& connection, quic::StreamId stream, std::size_t receive_limit);
  ~RpcSession();
  RpcSession(const RpcSession&) = delete;
  RpcSession& operator=(const RpcSession&) = delete;

  [[nodiscard]] quic::StreamId stream() const;
  // The peer's bootstrap object; calls on it may be made at once.
  [[nodiscard]] capnp::Capability::Client remote();

  void on_data(Bytes bytes, bool fin);
  void raise_receive_limit(std::size_t limit);
  [[nodiscard]] const std::optional<RpcEnd>& end() const;

  // Ends our direction of the stream.
  void finish();
  // The QUIC connection is gone.
  void detach();

 private:
  class WatchedMessages;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oneping::tunnel
