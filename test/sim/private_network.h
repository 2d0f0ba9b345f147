// The network behind a connector: hosts at a number of hops that answer echo requests, as an echo
// backend. Like the real one it tells requests apart by channel and sequence only.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "proxy/echo_backend.h"
#include "test/sim/network.h"

namespace oneping::sim {

struct Host {
  std::uint8_t hops = 1;  // routers to cross, itself included: its reply has 65 - hops left
  Duration rtt = std::chrono::milliseconds(2);
  bool up = true;
};

class PrivateNetwork final : public EchoBackend {
 public:
  PrivateNetwork(Schedule& schedule, const Time& now) : schedule_(schedule), now_(now) {}

  std::map<IpAddress, Host> hosts;
  IpAddress own_v4 = IpAddress::parse("172.16.10.100").value();
  IpAddress own_v6 = IpAddress::parse("fd00:172:16:10::100").value();
  std::uint16_t open_channels = 4;
  double loss = 0;
  EchoReplies* replies = nullptr;  // null: the connector is gone
  std::uint64_t requests = 0;

  std::uint16_t channels(EchoChannelKind) const override { return open_channels; }

  std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request, Time) override {
    ++requests;
    const auto host = hosts.find(request.destination);
    if (host == hosts.end() || !host->second.up || request.hop_limit < host->second.hops) {
      return std::nullopt;  // silence, as from a real network
    }
    schedule_.at(
        now_ + host->second.rtt,
        [this, slot, source = request.destination, hops = host->second.hops,
         traffic_class = request.traffic_class,
         payload = std::vector<std::uint8_t>(request.payload.begin(), request.payload.end())] {
          if (replies == nullptr) return;
          replies->on_echo_reply(slot,
                                 {.source = source,
                                  .hop_limit = static_cast<std::uint8_t>(65 - hops),
                                  .traffic_class = traffic_class,
                                  .payload = payload},
                                 now_);
        });
    return std::nullopt;
  }
  void flush(Time) override {}

  std::optional<IpAddress> source_for(const IpAddress& destination) const override {
    return destination.is_v4() ? own_v4 : own_v6;
  }
  bool is_own_address(const IpAddress& address) const override {
    return address == own_v4 || address == own_v6;
  }

 private:
  Schedule& schedule_;
  const Time& now_;
};

}  // namespace oneping::sim
