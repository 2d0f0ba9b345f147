// A network with memory for the UDP proxy: knows which sockets are open, keeps what was sent, and
// says nothing of its own accord.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "proxy/udp_backend.h"

namespace oneping::testing {

class FakeUdpNetwork final : public UdpBackend {
 public:
  struct Sent {
    UdpSocketId socket;
    SocketAddress destination;
    std::optional<std::uint8_t> hop_limit;
    std::uint8_t traffic_class;
    bool dont_fragment;
    std::vector<std::uint8_t> payload;
  };

  [[nodiscard]] std::size_t max_sockets() const override { return sockets; }
  std::optional<DropReason> open(UdpSocketId socket, IpFamily family) override {
    if (refuse_open) return refuse_open;
    EXPECT_LT(socket, sockets);
    EXPECT_TRUE(is_open.try_emplace(socket, family).second) << "opened twice: " << socket;
    ++opened;
    return std::nullopt;
  }
  void close(UdpSocketId socket) override {
    EXPECT_EQ(is_open.erase(socket), 1u) << "closed twice: " << socket;
  }
  std::optional<DropReason> send(UdpSocketId socket, const UdpDatagram& datagram, Time) override {
    EXPECT_EQ(is_open.at(socket), datagram.destination.address.family());
    if (refuse_send) return refuse_send;
    sent.push_back({socket,
                    datagram.destination,
                    datagram.hop_limit,
                    datagram.traffic_class,
                    datagram.dont_fragment,
                    {datagram.payload.begin(), datagram.payload.end()}});
    return std::nullopt;
  }
  void flush(UdpReplies&, Time) override {}
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override {
    return broadcasts.contains(address);
  }

  std::size_t sockets = 1000;
  std::optional<DropReason> refuse_open;
  std::optional<DropReason> refuse_send;
  std::set<IpAddress> broadcasts;
  std::map<UdpSocketId, IpFamily> is_open;
  std::size_t opened = 0;
  std::vector<Sent> sent;
};

}  // namespace oneping::testing
