#include "app/device_sockets.h"

#include <algorithm>
#include <utility>

#include "io/source_address.h"
#include "quic/tls.h"

namespace oneping {

using device::Problem;
using device::Trouble;

namespace {

// Sends each packet by the socket of its family.
class FamilySender final : public quic::UdpSender {
 public:
  explicit FamilySender(const DeviceSockets::Endpoint& endpoint) : endpoint_(endpoint) {}
  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size) override {
    auto& socket = path.remote.address.is_v4() ? endpoint_.v4 : endpoint_.v6;
    if (socket) socket->send(path, bytes, segment_size);
  }

 private:
  const DeviceSockets::Endpoint& endpoint_;
};

IpAddress anywhere(IpFamily family) {
  return family == IpFamily::v4 ? IpAddress::v4(0) : IpAddress();
}

}  // namespace

DeviceSockets::DeviceSockets(std::shared_ptr<const quic::TlsContext> tls, EdgeAddresses& edge,
                             EventLoop& loop, Random& random)
    : edge_(edge), loop_(loop), random_(random) {
  use(std::move(tls));
}

DeviceSockets::~DeviceSockets() {
  for (const auto& endpoint : endpoints_) close(*endpoint);
}

void DeviceSockets::use(std::shared_ptr<const quic::TlsContext> tls) {
  quic::EndpointOptions options;
  options.transport.idle_timeout = kIdleTimeout;
  auto endpoint = std::make_unique<Endpoint>();
  endpoint->quic = std::make_unique<quic::Endpoint>(options, std::move(tls), random_, nullptr);
  endpoints_.push_back(std::move(endpoint));
}

void DeviceSockets::close(const Endpoint& endpoint) {
  for (const auto* socket : {&endpoint.v4, &endpoint.v6}) {
    if (*socket) loop_.unwatch((*socket)->fd());
  }
}

tl::expected<quic::Connection*, Problem> DeviceSockets::dial(unsigned attempt,
                                                             quic::ConnectionEvents& events,
                                                             Time now) {
  const std::size_t count = std::max<std::size_t>(1, edge_.all().size());
  std::string without_route;
  for (std::size_t i = 0; i < count; ++i) {
    const SocketAddress* const edge = edge_.choose(0, attempt + static_cast<unsigned>(i), now);
    if (edge == nullptr) break;
    const auto source = source_towards(edge->address);
    if (!source) {
      without_route += (without_route.empty() ? "" : ", ") + edge->address.to_string();
      continue;
    }
    const auto socket = socket_for(edge->address.family());
    if (!socket) return tl::make_unexpected(Problem{Trouble::broken, socket.error().message});
    const quic::Path path{{*source, (*socket)->local().port}, *edge};
    auto made = endpoints_.back()->quic->connect(path, events, now);
    if (!made) return tl::make_unexpected(Problem{Trouble::broken, made.error().message});
    return *made;
  }
  if (!without_route.empty()) {
    return tl::make_unexpected(
        Problem{Trouble::no_route, "this host has no route to the edge at " + without_route});
  }
  return tl::make_unexpected(
      Problem{Trouble::name_not_found,
              edge_.problem() ? edge_.problem()->message : "the edge's name is being looked up"});
}

std::vector<IpAddress> DeviceSockets::edge_addresses() const {
  std::vector<IpAddress> addresses;
  for (const SocketAddress& each : edge_.all()) addresses.push_back(each.address);
  return addresses;
}

std::optional<IpAddress> DeviceSockets::source_towards(const IpAddress& remote) const {
  return oneping::source_towards(remote);
}

Result<UdpSocket*> DeviceSockets::socket_for(IpFamily family) {
  Endpoint& endpoint = *endpoints_.back();
  auto& socket = family == IpFamily::v4 ? endpoint.v4 : endpoint.v6;
  if (socket) return socket.get();
  auto opened = UdpSocket::open({.local = {anywhere(family), 0}});
  if (!opened) return tl::make_unexpected(opened.error());
  UdpSocket* const made = opened->get();
  auto watched = loop_.watch(made->fd(), [this, made, quic = endpoint.quic.get()] {
    made->read([&](const quic::Path& path, Bytes bytes, std::size_t segment_size) {
      quic->on_packets(path, bytes, segment_size, loop_.now());
    });
  });
  if (!watched) return tl::make_unexpected(watched.error());
  socket = std::move(*opened);
  return made;
}

void DeviceSockets::on_time(Time now) {
  for (const auto& each : endpoints_) {
    if (each->quic->next_deadline() <= now) each->quic->on_time(now);
  }
}

Time DeviceSockets::next_deadline() const {
  Time next = kNever;
  for (const auto& each : endpoints_) next = std::min(next, each->quic->next_deadline());
  return next;
}

void DeviceSockets::flush(Time now) {
  for (const auto& each : endpoints_) {
    FamilySender sender(*each);
    each->quic->flush(now, sender);
    for (const auto* socket : {&each->v4, &each->v6}) {
      if (*socket) (*socket)->flush();
    }
  }
  for (auto it = endpoints_.begin(); std::next(it) != endpoints_.end();) {
    if ((*it)->quic->connections() > 0) {
      ++it;
      continue;
    }
    close(**it);
    it = endpoints_.erase(it);
  }
}

}  // namespace oneping
