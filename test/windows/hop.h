// A connector without its tunnel: the hop, the echo proxy, and the backend of this Windows. The
// client that the tunnel would lead to is in this program.
#pragma once

#include <algorithm>

#include "connector/echo_link.h"
#include "forward/forwarder.h"
#include "proxy/echo_proxy.h"
#include "proxy/echo_windows.h"

namespace oneping {

class Hop final : private EchoProxyEvents {
 public:
  // All must outlive it; `client` takes what goes back.
  Hop(EchoWindows& echo, Link& client, PacketPool& pool, Random& random)
      : echo_(echo),
        client_(client),
        proxy_({}, echo, pool, *this, random),
        replies_(client),
        forwarder_(
            {}, [this](const IpView& packet) { return echo_.source_for(packet.destination()); },
            pool, random) {}

  void on_client_packet(Packet packet, Time now) {
    forwarder_.forward(std::move(packet), requests_, &client_, now);
    most_outstanding_ = std::max(most_outstanding_, echo_.outstanding());
  }
  // After each wait.
  void run(Time now) {
    echo_.on_completions(proxy_, now);
    echo_.flush(proxy_, now);
    proxy_.on_time(now);
    forwarder_.on_time(requests_, now);
  }
  [[nodiscard]] Time next_deadline() const {
    return std::min(proxy_.next_deadline(), Forwarder::next_deadline(requests_));
  }
  [[nodiscard]] std::size_t most_outstanding() const { return most_outstanding_; }

 private:
  struct ToProxy final : Router {
    explicit ToProxy(EchoProxy& proxy) : link(proxy, 0) {}
    tl::expected<Link*, DropReason> next_hop(const IpView&, Time) override { return &link; }
    connector::EchoLink link;
  };
  struct ToClient final : Router {
    explicit ToClient(Link& to) : link(to) {}
    tl::expected<Link*, DropReason> next_hop(const IpView&, Time) override { return &link; }
    Link& link;
  };

  void on_answer(Packet packet, std::uint8_t, Time now) override {
    forwarder_.forward(std::move(packet), replies_, nullptr, now);
  }
  bool on_undeliverable(const IpView& request, DropReason reason, std::size_t mtu, std::uint8_t,
                        Time now) override {
    return forwarder_.answer(request, reason, mtu, client_, now);
  }

  EchoWindows& echo_;
  Link& client_;
  EchoProxy proxy_;
  ToProxy requests_{proxy_};
  ToClient replies_;
  Forwarder forwarder_;
  std::size_t most_outstanding_ = 0;
};

}  // namespace oneping
