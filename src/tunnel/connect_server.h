// The data streams that the edge opens, at the connector: reads what each asks for. Checks of TCP
// connections go to the owner, who answers when he knows; everything else is refused, for oneping
// carries neither TCP nor HTTP. Borrows the QUIC connection.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "quic/connection.h"
#include "tunnel/data_stream.h"
#include "tunnel/peer_streams.h"

namespace oneping::tunnel {

class ConnectServerEvents {
 public:
  virtual ~ConnectServerEvents() = default;
  // To be answered by answer(), inside the event or later.
  virtual void on_connect_check(quic::StreamId stream, const SocketAddress& destination) = 0;
};

class ConnectServer final : public DataStreamUser {
 public:
  ConnectServer(quic::Connection& connection, ConnectServerEvents& events)
      : connection_(connection), events_(events) {}

  void on_data_stream(quic::StreamId stream, Bytes bytes, bool fin) override;
  void on_data_stream_closed(quic::StreamId stream) override { asking_.erase(stream); }

  // Says that the connection could be made (no error), or why not, and ends the stream. One that
  // has gone is no matter.
  void answer(quic::StreamId stream, std::string_view error);

 private:
  struct Asking {
    DataMessage message;
    bool is_read = false;
  };
  void read(quic::StreamId stream, const DataMessage& message);

  quic::Connection& connection_;
  ConnectServerEvents& events_;
  std::map<quic::StreamId, Asking> asking_;  // bounded by PeerStreams
};

}  // namespace oneping::tunnel
