// Asks a connector whether TCP connections can be made, each on a data stream of its own, a few at
// a time. A connector of another kind makes the connection, hears that it is not wanted any more,
// and ends it. Borrows the QUIC connection.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quic/connection.h"
#include "tunnel/data_stream.h"

namespace oneping::tunnel {

class ConnectCalls {
 public:
  static constexpr std::size_t kMaxAtOnce = 48;

  struct Answer {
    quic::StreamId call;
    std::string error;  // in the connector's words; empty: the connection was made
  };

  explicit ConnectCalls(quic::Connection& connection) : connection_(connection) {}

  // The call, by which its answer is known. Nothing when too many are under way.
  [[nodiscard]] std::optional<quic::StreamId> ask(const SocketAddress& destination);
  // Its answer is not wanted any more.
  void give_up(quic::StreamId call);

  // Whether the stream is that of a call.
  bool on_data(quic::StreamId stream, Bytes bytes, bool fin);
  bool on_closed(quic::StreamId stream) { return on_data(stream, {}, true); }
  // Since the last time.
  [[nodiscard]] std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

 private:
  struct Call {
    quic::StreamId stream;
    DataMessage response;
  };
  void end(quic::StreamId stream);

  quic::Connection& connection_;
  std::vector<Call> calls_;
  std::vector<Answer> answers_;
};

}  // namespace oneping::tunnel
