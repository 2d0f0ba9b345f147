// Any bytes on a control stream or on an RPC stream, at either end: nothing crashes, and a
// connection that closes tells its owner. The first byte says which end gets the rest and how it is
// cut.

#include <cstdlib>

#include "base/log.h"
#include "tunnel/testing/recorded_rpc.h"
#include "tunnel/testing/recorder.h"

namespace {

using namespace oneping::tunnel;
using namespace oneping::tunnel::testing;

enum Target : std::uint8_t {
  kEdgeControl,       // a stranger's control stream
  kEdgeStream,        // a stream that a registered connector opens, or answers
  kConnectorControl,  // the edge's answers
  kConnectorStream,   // a stream that the edge opens
};

template <typename End, typename Owner>
void receive(End& end, FakeConnection& quic, const Owner& owner, oneping::quic::StreamId stream,
             oneping::Bytes bytes, std::size_t piece) {
  while (!bytes.empty() && !quic.ended()) {
    const auto part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    end.on_stream_data(stream, part, bytes.empty(), {});
    end.run({});
  }
  if (quic.ended() == owner.closed.empty()) std::abort();
}

oneping::PacketPool pool;

void into_edge(bool registered, bool asks, oneping::Bytes bytes, std::size_t piece) {
  FakeConnection quic(Side::server);
  EdgeRecorder owner;
  EdgeConnection edge(quic, pool, owner);
  if (registered) {
    static const auto registering = from_hex(kRegisterFromConnector);
    edge.on_stream_data(0, registering, false, {});
    edge.run({});
    if (!edge.registration()) std::abort();
  }
  const auto call =
      asks ? edge.ask_connect({oneping::IpAddress::v4(0x0a010203), 443}) : std::nullopt;
  receive(edge, quic, owner, call ? *call : registered ? 4 : 0, bytes, piece);
}

void into_connector(oneping::quic::StreamId stream, oneping::Bytes bytes, std::size_t piece) {
  FakeConnection quic(Side::client);
  ConnectorRecorder owner;
  ConnectorConnection connector(some_registration(), pool, owner);
  connector.start(quic);
  connector.on_ready({});
  connector.run({});
  receive(connector, quic, owner, stream, bytes, piece);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oneping::log::set_level(oneping::log::Level::off);
  if (size == 0) return 0;
  const oneping::Bytes bytes(data + 1, size - 1);
  const std::size_t piece = (data[0] & 4) != 0 ? 5 : SIZE_MAX;
  switch (static_cast<Target>(data[0] & 3)) {
    case kEdgeControl: into_edge(false, false, bytes, piece); break;
    case kEdgeStream: into_edge(true, (data[0] & 8) != 0, bytes, piece); break;
    case kConnectorControl: into_connector(0, bytes, piece); break;
    case kConnectorStream: into_connector(1, bytes, piece); break;
  }
  return 0;
}
