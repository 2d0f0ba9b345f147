#include "tunnel/testing/fake_quic.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace oneping::tunnel::testing {

using Kind = FakeConnection::Action::Kind;

std::optional<DropReason> FakeConnection::send_datagram(Packet& datagram, Time) {
  expect_alive();
  if (!ready || max_datagram == 0) return DropReason::link_down;
  if (datagram.size() > max_datagram) return DropReason::too_big;
  const Packet taken = std::move(datagram);
  const Bytes bytes = taken.bytes();
  datagrams.emplace_back(bytes.begin(), bytes.end());
  actions.push_back({.kind = Kind::datagram, .stream = 0, .bytes = datagrams.back(), .fin = false});
  return std::nullopt;
}

std::size_t FakeConnection::max_datagram_size() const {
  expect_alive();
  return ready ? max_datagram : 0;
}

Result<quic::StreamId> FakeConnection::open_stream() {
  expect_alive();
  if (streams_allowed == 0) return fail("the peer allows no more streams");
  --streams_allowed;
  return std::exchange(next_stream_, next_stream_ + 4);
}

void FakeConnection::write(quic::StreamId stream, Bytes bytes, bool fin) {
  expect_alive();
  auto& state = streams[stream];
  if (state.reset || state.finished) return;
  state.written.insert(state.written.end(), bytes.begin(), bytes.end());
  state.finished = fin;
  actions.push_back({Kind::stream_data, stream, ByteString(bytes.begin(), bytes.end()), fin});
}

void FakeConnection::reset_stream(quic::StreamId stream, std::uint64_t) {
  expect_alive();
  if (std::exchange(streams[stream].reset, true)) return;
  actions.push_back({.kind = Kind::reset, .stream = stream, .bytes = {}, .fin = false});
}

std::size_t FakeConnection::unacknowledged(quic::StreamId) const {
  expect_alive();
  return 0;
}

void FakeConnection::close(std::uint64_t code, std::string_view reason) {
  expect_alive();
  closed = Close{code, std::string(reason)};
  actions.clear();  // a QUIC close overtakes what is queued
  actions.push_back({.kind = Kind::close, .stream = 0, .bytes = {}, .fin = false});
}

bool FakeConnection::is_ready() const {
  expect_alive();
  return ready;
}

void FakeConnection::expect_alive() const {
  if (!ended()) return;
  std::fprintf(stderr, "a quic::Connection was used after its end\n");
  std::abort();
}

bool FakeQuicPair::deliver(Time now, std::size_t piece) {
  auto to_server = std::exchange(client_.connection.actions, {});
  auto to_client = std::exchange(server_.connection.actions, {});
  for (const auto& action : to_server) carry(client_, server_, action, now, piece);
  for (const auto& action : to_client) carry(server_, client_, action, now, piece);
  return !to_server.empty() || !to_client.empty();
}

void FakeQuicPair::carry(End& from, End& to, const FakeConnection::Action& action, Time now,
                         std::size_t piece) {
  if (to.connection.ended()) return;
  switch (action.kind) {
    case Kind::stream_data: {
      if (to.connection.streams[action.stream].reset) return;
      Bytes rest = action.bytes;
      do {
        const Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        to.events->on_stream_data(action.stream, part, action.fin && rest.empty(), now);
        if (to.connection.ended()) return;
      } while (!rest.empty());
      if (action.fin) {
        to.finished_by_peer[action.stream] = true;
        close_stream_if_done(from, to, action.stream, now);
      }
      break;
    }
    case Kind::reset:
      to.events->on_stream_closed(action.stream, now);
      if (!from.connection.ended()) from.events->on_stream_closed(action.stream, now);
      break;
    case Kind::datagram: to.events->on_datagram(action.bytes, now); break;
    case Kind::close:
      to.events->on_closed(
          {quic::CloseKind::peer, from.connection.closed->code, from.connection.closed->reason},
          now);
      to.connection.end();
      break;
  }
}

void FakeQuicPair::close_stream_if_done(End& from, End& to, quic::StreamId stream, Time now) {
  if (!from.finished_by_peer[stream] || !to.finished_by_peer[stream]) return;
  if (!to.connection.ended()) to.events->on_stream_closed(stream, now);
  if (!from.connection.ended()) from.events->on_stream_closed(stream, now);
}

}  // namespace oneping::tunnel::testing
