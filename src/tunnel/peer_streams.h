// The streams that the peer opens beside the control stream: reads the signature of each and serves
// RPC on those that ask for it. Used by both ends. Borrows the QUIC connection.
//
// At most kMaxStreams are known at a time; more, and streams of an unknown kind, are reset. A
// stream is known until QUIC has closed it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "tunnel/rpc_session.h"
#include "tunnel/stream_signature.h"

namespace oneping::tunnel {

class PeerStreams {
 public:
  static constexpr std::size_t kMaxStreams = 64;

  // `data_answer` is written on data streams, which then end; if it is empty they are reset.
  PeerStreams(quic::Connection& connection, capnp::Capability::Client bootstrap,
              std::vector<std::uint8_t> data_answer);
  ~PeerStreams();

  void on_data(quic::StreamId id, Bytes bytes, bool fin);
  void on_closed(quic::StreamId id) { streams_.erase(id); }
  // Puts away the RPC sessions that have ended. Once a turn, after RpcLoop::poll().
  void reap();
  // The QUIC connection is gone.
  void detach();

 private:
  struct Stream {
    std::array<std::uint8_t, 6> beginning{};
    std::size_t size = 0;  // of the beginning
    bool done = false;     // whatever else comes is ignored
    std::unique_ptr<RpcSession> session;
  };

  void decide(quic::StreamId id, Stream& stream, Bytes rest, bool fin);
  void reset(quic::StreamId id, Stream& stream);

  quic::Connection* connection_;
  capnp::Capability::Client bootstrap_;
  std::vector<std::uint8_t> data_answer_;
  std::map<quic::StreamId, Stream> streams_;
};

}  // namespace oneping::tunnel
