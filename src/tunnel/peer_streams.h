// The streams that the peer opens beside the control stream: reads the signature of each, serves
// RPC on those that ask for it, and hands on those that carry data. Used by both ends. Borrows the
// QUIC connection.
//
// At most kMaxStreams are known at a time; more, and streams of an unknown kind, are reset. A
// stream is known until QUIC has closed it.
#pragma once

#include <array>
#include <map>
#include <memory>

#include "tunnel/rpc_session.h"
#include "tunnel/stream_signature.h"

namespace oneping::tunnel {

// Nothing of a data stream will be read or written any more.
inline constexpr std::uint64_t kDataStreamReset = 0;

class DataStreamUser {
 public:
  virtual ~DataStreamUser() = default;
  // Everything of it, from the signature on.
  virtual void on_data_stream(quic::StreamId stream, Bytes bytes, bool fin) = 0;
  virtual void on_data_stream_closed(quic::StreamId stream) = 0;
};

class PeerStreams {
 public:
  static constexpr std::size_t kMaxStreams = 128;

  // Without a user data streams are reset. It must outlive this.
  PeerStreams(quic::Connection& connection, capnp::Capability::Client bootstrap,
              DataStreamUser* data);
  ~PeerStreams();

  void on_data(quic::StreamId id, Bytes bytes, bool fin);
  void on_closed(quic::StreamId id);
  // Puts away the RPC sessions that have ended. Once a turn, after RpcLoop::poll().
  void reap();
  // The QUIC connection is gone.
  void detach();

 private:
  struct Stream {
    std::array<std::uint8_t, 6> beginning{};
    std::size_t size = 0;  // of the beginning
    bool is_data = false;
    bool done = false;  // whatever else comes is ignored
    std::unique_ptr<RpcSession> session;
  };

  void decide(quic::StreamId id, Stream& stream, Bytes rest, bool fin);
  void reset(quic::StreamId id, Stream& stream);

  quic::Connection* connection_;
  capnp::Capability::Client bootstrap_;
  DataStreamUser* data_;
  std::map<quic::StreamId, Stream> streams_;
};

}  // namespace oneping::tunnel
