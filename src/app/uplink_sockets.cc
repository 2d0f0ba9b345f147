#include "app/uplink_sockets.h"
#include "quic/tls.h"

#include <algorithm>
#include <utility>

namespace oneping {

UplinkSockets::UplinkSockets(std::size_t uplinks, std::shared_ptr<const quic::TlsContext> tls,
                             EdgeAddresses& edges, const HostAddresses& host, EventLoop& loop,
                             Random& random)
    : edges_(edges), host_(host), loop_(loop), uplinks_(uplinks) {
  for (Uplink& uplink : uplinks_) {
    uplink.endpoint =
        std::make_unique<quic::Endpoint>(quic::EndpointOptions{}, tls, random, nullptr);
  }
}

UplinkSockets::~UplinkSockets() {
  for (const Uplink& uplink : uplinks_) {
    if (uplink.socket) loop_.unwatch(uplink.socket->fd());
  }
}

Result<quic::Connection*> UplinkSockets::dial(std::uint8_t index, unsigned attempt,
                                              quic::ConnectionEvents& events, Time now) {
  const SocketAddress* edge = edges_.choose(index, attempt, now);
  if (edge == nullptr) return fail("no address of an edge is known yet");
  const auto source = host_.source_for(edge->address);
  if (!source) return fail("this host has no route to the edge at " + edge->to_string());
  Uplink& uplink = uplinks_[index];
  if (auto bound = bind(uplink, *source); !bound) return tl::make_unexpected(bound.error());
  return uplink.endpoint->connect({uplink.socket->local(), *edge}, events, now);
}

Result<void> UplinkSockets::bind(Uplink& uplink, const IpAddress& source) {
  std::uint16_t port = 0;
  if (uplink.socket) {
    if (uplink.socket->local().address == source) return {};
    port = uplink.socket->local().port;
    loop_.unwatch(uplink.socket->fd());
    uplink.socket.reset();
  }
  auto socket = UdpSocket::open({.local = {source, port}});
  if (!socket && port != 0) socket = UdpSocket::open({.local = {source, 0}});
  if (!socket) return tl::make_unexpected(socket.error());
  uplink.socket = std::move(*socket);
  return loop_.watch(uplink.socket->fd(), [this, &uplink] {
    uplink.socket->read([&](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
      uplink.endpoint->on_packets(path, bytes, segment_size, loop_.now());
    });
  });
}

void UplinkSockets::on_time(Time now) {
  for (const Uplink& uplink : uplinks_) {
    if (uplink.endpoint->next_deadline() <= now) uplink.endpoint->on_time(now);
  }
}

Time UplinkSockets::next_deadline() const {
  Time next = kNever;
  for (const Uplink& uplink : uplinks_) next = std::min(next, uplink.endpoint->next_deadline());
  return next;
}

void UplinkSockets::flush(Time now) {
  for (const Uplink& uplink : uplinks_) {
    if (!uplink.socket) continue;
    uplink.endpoint->flush(now, *uplink.socket);
    uplink.socket->flush();
  }
}

}  // namespace oneping
