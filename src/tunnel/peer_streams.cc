#include "tunnel/peer_streams.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace oneping::tunnel {

namespace {

constexpr std::uint64_t kResetCode = 0;  // what cloudflared uses for a signature it does not know

}  // namespace

PeerStreams::PeerStreams(quic::Connection& connection, capnp::Capability::Client bootstrap,
                         std::vector<std::uint8_t> data_answer)
    : connection_(&connection),
      bootstrap_(kj::mv(bootstrap)),
      data_answer_(std::move(data_answer)) {}

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
      if (data_answer_.empty()) {
        reset(id, stream);
      } else {
        connection_->write(id, data_answer_, true);
        stream.done = true;
      }
      break;
    case StreamKind::unknown:
      log::debug("stream {} has an unknown signature, reset", id);
      reset(id, stream);
      break;
  }
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
