// The network behind a connector for UDP: the same hosts and routers as for echo
// (private_network.h), with services that send back what they get.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "proxy/udp_backend.h"
#include "test/sim/private_network.h"

namespace oneping::sim {

class UdpNetwork final : public UdpBackend {
 public:
  UdpNetwork(Schedule& schedule, const Time& now, PrivateNetwork& network)
      : schedule_(schedule), now_(now), network_(network) {}

  std::set<std::uint16_t> services{7, 53, 123, 443};  // of every host; other ports are closed
  std::size_t sockets = 50'000;
  UdpReplies* replies = nullptr;  // null: the connector is gone
  std::uint64_t datagrams = 0;
  std::map<UdpSocketId, std::uint64_t> open_sockets;  // and how many there were before each

  [[nodiscard]] std::size_t max_sockets() const override { return sockets; }
  std::optional<DropReason> open(UdpSocketId socket, IpFamily) override {
    open_sockets[socket] = ++opened_;
    return std::nullopt;
  }
  void close(UdpSocketId socket) override { open_sockets.erase(socket); }

  std::optional<DropReason> send(UdpSocketId socket, const UdpDatagram& datagram, Time) override {
    ++datagrams;
    const auto found = network_.hosts.find(datagram.destination.address);
    if (found == network_.hosts.end()) return std::nullopt;  // silence
    const Host& host = found->second;
    const Kept kept{socket,
                    open_sockets.at(socket),
                    datagram.destination,
                    {datagram.payload.begin(), datagram.payload.end()}};
    const bool v4 = datagram.destination.address.is_v4();
    if (host.failure) {
      failures_.push_back({kept, *host.failure, host.mtu});
      return std::nullopt;
    }
    const std::uint8_t hop_limit = datagram.hop_limit.value_or(64);
    if (hop_limit < host.hops) {
      if (hop_limit <= host.routers.size() && hop_limit > 0) {
        const std::size_t hop = hop_limit - 1u;
        error(kept, host, host.routers[hop], hop, v4 ? Refusal{11, 0} : Refusal{3, 0}, 0);
      }
      return std::nullopt;
    }
    if (!host.up) return std::nullopt;
    const bool too_big =
        datagram.dont_fragment && datagram.payload.size() + 8 + (v4 ? 20 : 40) > host.mtu;
    if (!host.routers.empty() && (host.refused || too_big)) {
      const Refusal frag_needed = v4 ? Refusal{3, 4} : Refusal{2, 0};
      error(kept, host, host.routers.back(), host.routers.size() - 1,
            host.refused.value_or(frag_needed),
            static_cast<std::uint32_t>(host.refused ? 0 : host.mtu));
    } else if (services.contains(datagram.destination.port)) {
      answer(kept, host, datagram.traffic_class);
    } else {
      error(kept, host, datagram.destination.address, host.hops - 1u,
            v4 ? Refusal{3, 3} : Refusal{1, 4}, 0);
    }
    return std::nullopt;
  }

  void flush(UdpReplies& to, Time now) override {
    for (const Failure& failure : std::exchange(failures_, {})) {
      to.on_udp_failure(failure.datagram.socket,
                        {.destination = failure.datagram.destination,
                         .reason = failure.reason,
                         .mtu = failure.mtu,
                         .payload = failure.datagram.payload},
                        now);
    }
  }
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override {
    return network_.is_broadcast(address);
  }

  // Something comes to a socket that nobody asked for.
  void intrude(UdpSocketId socket, const SocketAddress& source,
               const std::vector<std::uint8_t>& payload) {
    replies->on_udp_reply(
        socket, {.source = source, .hop_limit = 64, .traffic_class = 0, .payload = payload}, now_);
  }

 private:
  using Refusal = Host::Refusal;
  struct Kept {
    UdpSocketId socket;
    std::uint64_t which;  // of the sockets that had this number
    SocketAddress destination;
    std::vector<std::uint8_t> payload;
  };
  struct Failure {
    Kept datagram;
    DropReason reason;
    std::size_t mtu;
  };

  [[nodiscard]] bool is_there(const Kept& kept) const {
    const auto socket = open_sockets.find(kept.socket);
    return replies != nullptr && socket != open_sockets.end() && socket->second == kept.which;
  }
  void answer(const Kept& kept, const Host& host, std::uint8_t traffic_class) {
    schedule_.at(now_ + host.rtt, [this, kept, hops = host.hops, traffic_class] {
      if (!is_there(kept)) return;
      replies->on_udp_reply(kept.socket,
                            {.source = kept.destination,
                             .hop_limit = static_cast<std::uint8_t>(65 - hops),
                             .traffic_class = traffic_class,
                             .payload = kept.payload},
                            now_);
    });
  }
  void error(const Kept& kept, const Host& host, const IpAddress& offender, std::size_t hop,
             Refusal what, std::uint32_t mtu) {
    schedule_.at(now_ + host.rtt / 2, [this, kept, what, mtu, hop, offender] {
      if (!is_there(kept)) return;
      replies->on_udp_error(kept.socket,
                            {.offender = offender,
                             .destination = kept.destination,
                             .type = what.type,
                             .code = what.code,
                             .parameter = mtu,
                             .hop_limit = static_cast<std::uint8_t>(64 - hop),
                             .traffic_class = 0xc0,
                             .payload = kept.payload,
                             .extensions = {}},
                            now_);
    });
  }

  Schedule& schedule_;
  const Time& now_;
  PrivateNetwork& network_;
  std::uint64_t opened_ = 0;
  std::vector<Failure> failures_;
};

}  // namespace oneping::sim
