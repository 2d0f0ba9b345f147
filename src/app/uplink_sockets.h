// What the connector's uplinks dial with: for each a QUIC endpoint and a UDP socket of its own, so
// that paths through NATs and load balancers differ. A socket is bound to the address that the host
// uses towards the edge, found anew at each dial; the port stays the same where it can.
#pragma once

#include <memory>
#include <vector>

#include "app/edge_addresses.h"
#include "connector/uplink.h"
#include "io/event_loop.h"
#include "io/host_addresses.h"
#include "io/udp_socket.h"
#include "quic/endpoint.h"

namespace oneping {

class UplinkSockets final : public connector::Dialer {
 public:
  // All references must outlive this.
  UplinkSockets(std::size_t uplinks, std::shared_ptr<const quic::TlsContext> tls,
                EdgeAddresses& edges, const HostAddresses& host, EventLoop& loop, Random& random);
  ~UplinkSockets() override;

  [[nodiscard]] Result<quic::Connection*> dial(std::uint8_t index, unsigned attempt,
                                               quic::ConnectionEvents& events, Time now) override;

  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;
  void flush(Time now);

  struct Uplink {
    std::unique_ptr<quic::Endpoint> endpoint;
    std::unique_ptr<UdpSocket> socket;  // null before the first dial
  };
  [[nodiscard]] const std::vector<Uplink>& uplinks() const { return uplinks_; }

 private:
  [[nodiscard]] Result<void> bind(Uplink& uplink, const IpAddress& source);

  EdgeAddresses& edges_;
  const HostAddresses& host_;
  EventLoop& loop_;
  std::vector<Uplink> uplinks_;
};

}  // namespace oneping
