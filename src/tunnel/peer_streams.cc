#include "tunnel/peer_streams.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace oneping::tunnel {

namespace {

constexpr std::uint64_t kResetCode = 0;  // what cloudflared uses for a signature it does not know

}  // namespace

PeerStreams::PeerStreams(quic::Connection& connection, capnp::Capability::Client bootstrap,
                         DataStreamUser* data)
    : connection_(&connection), bootstrap_(kj::mv(bootstrap)), data_(data) {}

PeerStreams::~PeerStreams() = default;

void PeerStreams::on_data(quic::StreamId id, Bytes bytes, bool fin) {
  auto known = streams_.find(id);
  if (known == streams_.end()) {
    if (streams_.size() >= kMaxStreams) {
      connection_->reset_stream(id, kResetCode);
      return;
    }
    known = streams_.try_emplace(id).first;
  }

  Stream& stream = known->second;
  if (stream.session) {
    stream.session->on_data(bytes, fin);
  } else if (stream.is_data) {
    data_->on_data_stream(id, bytes, fin);
  } else if (!stream.done) {
    const std::size_t taken = std::min(bytes.size(), stream.beginning.size() - stream.size);
    std::copy_n(bytes.begin(), taken, stream.beginning.data() + stream.size);
    stream.size += taken;
    decide(id, stream, bytes.subspan(taken), fin);
  }
}

void PeerStreams::decide(quic::StreamId id, Stream& stream, Bytes rest, bool fin) {
  switch (stream_kind(Bytes(stream.beginning).first(stream.size))) {
    case StreamKind::undecided:
      if (fin) reset(id, stream);
      break;
    case StreamKind::rpc:
      stream.session =
          std::make_unique<RpcSession>(*connection_, id, RpcSession::kReceiveLimit, bootstrap_);
      stream.session->on_data(rest, fin);
      break;
    case StreamKind::data:
      if (data_ == nullptr) {
        reset(id, stream);
      } else {
        stream.is_data = true;
        data_->on_data_stream(id, stream.beginning, rest.empty() && fin);
        if (!rest.empty()) data_->on_data_stream(id, rest, fin);
      }
      break;
    case StreamKind::unknown:
      log::debug("stream {} has an unknown signature, reset", id);
      reset(id, stream);
      break;
  }
}

void PeerStreams::on_closed(quic::StreamId id) {
  const auto known = streams_.find(id);
  if (known == streams_.end()) return;
  if (known->second.is_data) data_->on_data_stream_closed(id);
  streams_.erase(known);
}

void PeerStreams::reap() {
  for (auto& [id, stream] : streams_) {
    if (!stream.session || !stream.session->end()) continue;
    const RpcEnd end = *stream.session->end();
    switch (end.kind) {
      case RpcEnd::Kind::finished:
        stream.session->finish();
        stream.done = true;
        break;
      case RpcEnd::Kind::broken:
        log::warn("stream {} carried no sound RPC, reset: {}", id, end.reason);
        reset(id, stream);
        break;
    }
    stream.session.reset();
  }
}

void PeerStreams::detach() {
  for (auto& [id, stream] : streams_) {
    if (stream.session) stream.session->detach();
  }
}

void PeerStreams::reset(quic::StreamId id, Stream& stream) {
  stream.done = true;
  connection_->reset_stream(id, kResetCode);
}

}  // namespace oneping::tunnel
