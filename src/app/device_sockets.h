// What a device dials its edge with: a QUIC endpoint and UDP sockets that are bound to no address,
// so that a connection can leave from another of the host's addresses without a new socket.
//
// An endpoint shows one certificate. With another one the next connections get a new endpoint; the
// old one goes with its last connection.
#pragma once

#include <memory>
#include <vector>

#include "app/edge_addresses.h"
#include "device/dialer.h"
#include "io/event_loop.h"
#include "io/udp_socket.h"
#include "quic/endpoint.h"

namespace oneping {

class DeviceSockets final : public device::Dialer {
 public:
  // Of both ends, if the edge has the same; a device at rest says something every half of it.
  static constexpr Duration kIdleTimeout = std::chrono::seconds(30);

  // All references must outlive it.
  DeviceSockets(std::shared_ptr<const quic::TlsContext> tls, EdgeAddresses& edge, EventLoop& loop,
                Random& random);
  ~DeviceSockets() override;

  void use(std::shared_ptr<const quic::TlsContext> tls);

  // device::Dialer
  [[nodiscard]] tl::expected<quic::Connection*, device::Problem> dial(
      unsigned attempt, quic::ConnectionEvents& events, Time now) override;
  [[nodiscard]] std::vector<IpAddress> edge_addresses() const override;
  [[nodiscard]] std::optional<IpAddress> source_towards(const IpAddress& remote) const override;

  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;
  // Sends what has queued up, and lets go of endpoints that nobody needs.
  void flush(Time now);

  struct Endpoint {
    std::unique_ptr<quic::Endpoint> quic;
    // Null until one is needed.
    std::unique_ptr<UdpSocket> v4;
    std::unique_ptr<UdpSocket> v6;
  };
  // The last one is for new connections.
  [[nodiscard]] const std::vector<std::unique_ptr<Endpoint>>& endpoints() const {
    return endpoints_;
  }

 private:
  // Of the newest endpoint.
  [[nodiscard]] Result<UdpSocket*> socket_for(IpFamily family);
  void close(const Endpoint& endpoint);

  EdgeAddresses& edge_;
  EventLoop& loop_;
  Random& random_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace oneping
