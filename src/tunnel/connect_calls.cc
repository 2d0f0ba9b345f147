#include "tunnel/connect_calls.h"

#include <algorithm>

#include "tunnel/peer_streams.h"

namespace oneping::tunnel {

std::optional<quic::StreamId> ConnectCalls::ask(const SocketAddress& destination) {
  if (calls_.size() >= kMaxAtOnce) return std::nullopt;
  const auto stream = connection_.open_stream();
  if (!stream) return std::nullopt;
  connection_.write(*stream, write_connect_check(destination), false);
  calls_.push_back({*stream, {}});
  return *stream;
}

void ConnectCalls::give_up(quic::StreamId call) {
  if (std::ranges::find(calls_, call, &Call::stream) != calls_.end()) end(call);
}

bool ConnectCalls::on_data(quic::StreamId stream, Bytes bytes, bool fin) {
  const auto call = std::ranges::find(calls_, stream, &Call::stream);
  if (call == calls_.end()) return false;
  const auto complete = call->response.add(bytes);
  if (complete && !*complete && !fin) return true;
  Answer answer{stream, {}};
  if (!complete) {
    answer.error = complete.error().message;
  } else if (!*complete) {
    answer.error = "the connector does not answer";
  } else if (const auto response = call->response.read_response()) {
    answer.error = response->error;
  } else {
    answer.error = response.error().message;
  }
  answers_.push_back(std::move(answer));
  end(stream);
  return true;
}

// Whatever else comes on it is nobody's.
void ConnectCalls::end(quic::StreamId stream) {
  std::erase_if(calls_, [&](const Call& call) { return call.stream == stream; });
  connection_.reset_stream(stream, kDataStreamReset);
}

}  // namespace oneping::tunnel
