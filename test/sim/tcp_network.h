// The network behind a connector for TCP: of the same hosts (private_network.h), some ports are
// open. Connections to hosts that are down, or hide, come to nothing.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxy/tcp_backend.h"
#include "test/sim/private_network.h"

namespace oneping::sim {

class TcpNetwork final : public TcpBackend {
 public:
  explicit TcpNetwork(PrivateNetwork& network) : network_(network) {}

  std::set<std::uint16_t> services{443};  // of every host; other ports are closed
  bool hides = false;                     // a filter swallows everything
  std::vector<SocketAddress> asked;

  void connect(const SocketAddress& destination, Done done) override {
    asked.push_back(destination);
    const auto host = network_.hosts.find(destination.address);
    if (hides || host == network_.hosts.end() || !host->second.up) return;  // silence
    const bool is_open = services.contains(destination.port);
    results_.emplace_back(std::move(done), is_open ? "" : "Connection refused");
  }
  void flush() {
    for (const auto& [done, error] : std::exchange(results_, {})) done(error);
  }

 private:
  PrivateNetwork& network_;
  std::vector<std::pair<Done, std::string>> results_;
};

}  // namespace oneping::sim
