#include "tunnel/connect_server.h"

#include "base/log.h"

namespace oneping::tunnel {

void ConnectServer::on_data_stream(quic::StreamId stream, Bytes bytes, bool fin) {
  Asking& asking = asking_[stream];
  if (asking.is_read) return;  // bytes of a connection that we do not carry
  const auto complete = asking.message.add(bytes);
  if (complete && !*complete && !fin) return;
  asking.is_read = true;
  if (complete && *complete) return read(stream, asking.message);
  log::debug("stream {}: {}", stream, complete ? "ended too early" : complete.error().message);
  connection_.reset_stream(stream, kDataStreamReset);
}

void ConnectServer::read(quic::StreamId stream, const DataMessage& message) {
  const auto request = message.read_request();
  if (!request) {
    log::debug("stream {}: {}", stream, request.error().message);
    connection_.reset_stream(stream, kDataStreamReset);
  } else if (!request->is_check) {
    answer(stream, "this connector carries ICMP and UDP only");
  } else if (!request->tcp) {
    answer(stream, "not an address and a port");
  } else {
    events_.on_connect_check(stream, *request->tcp);
  }
}

void ConnectServer::answer(quic::StreamId stream, std::string_view error) {
  if (!asking_.contains(stream)) return;
  connection_.write(stream, write_connect_response(error), true);
}

}  // namespace oneping::tunnel
