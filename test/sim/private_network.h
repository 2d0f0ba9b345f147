// The network behind a connector: hosts behind routers that answer echo requests or say why not,
// as an echo backend. Like the real one it tells requests apart by channel and sequence only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "proxy/echo_backend.h"
#include "test/sim/network.h"

namespace oneping::sim {

struct Host {
  std::uint8_t hops = 1;  // routers to cross, itself included: its reply has 65 - hops left
  Duration rtt = std::chrono::milliseconds(2);
  bool up = true;
  bool answers_pings = true;
  // Those before it, the first one first; one that is not here says nothing.
  std::vector<IpAddress> routers{};
  std::size_t mtu = 65535;  // of the last link; the last router says so
  // What the last router says instead of passing anything on.
  struct Refusal {
    std::uint8_t type, code;
  };
  std::optional<Refusal> refused{};
  // Why the connector's own host cannot send there, as a failure at the next flush.
  std::optional<DropReason> failure{};
};

class PrivateNetwork final : public EchoBackend {
 public:
  PrivateNetwork(Schedule& schedule, const Time& now) : schedule_(schedule), now_(now) {}

  std::map<IpAddress, Host> hosts;
  std::set<IpAddress> broadcasts;
  IpAddress own_v4 = IpAddress::parse("172.16.10.100").value();
  IpAddress own_v6 = IpAddress::parse("fd00:172:16:10::100").value();
  std::uint16_t open_channels = 4;
  double loss = 0;
  EchoReplies* replies = nullptr;  // null: the connector is gone
  std::uint64_t requests = 0;
  std::vector<std::uint8_t> extensions;  // of the errors that routers send

  std::uint16_t channels(EchoChannelKind) const override { return open_channels; }

  std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request, Time) override {
    ++requests;
    const auto found = hosts.find(request.destination);
    if (found == hosts.end()) return std::nullopt;  // silence, as from a real network
    const Host& host = found->second;
    const Kept kept{slot, request};
    if (host.failure) {
      failures_.push_back({kept, *host.failure, host.mtu});
      return std::nullopt;
    }
    const std::uint8_t hop_limit = request.hop_limit.value_or(64);
    if (hop_limit < host.hops) {
      const bool v4 = request.destination.is_v4();
      if (hop_limit <= host.routers.size() && hop_limit > 0) {
        error(kept, host, hop_limit - 1u, v4 ? Refusal{11, 0} : Refusal{3, 0}, 0);
      }
      return std::nullopt;
    }
    if (!host.up || !host.answers_pings) return std::nullopt;
    const bool v4 = request.destination.is_v4();
    const bool too_big = slot.kind != EchoChannelKind::v4_may_fragment &&
                         request.payload.size() + 8 + (v4 ? 20 : 40) > host.mtu;
    if (!host.routers.empty() && (host.refused || too_big)) {
      const Refusal frag_needed = v4 ? Refusal{3, 4} : Refusal{2, 0};
      error(kept, host, host.routers.size() - 1, host.refused.value_or(frag_needed),
            static_cast<std::uint32_t>(host.refused ? 0 : host.mtu));
      return std::nullopt;
    }
    schedule_.at(now_ + host.rtt,
                 [this, kept, hops = host.hops, traffic_class = request.traffic_class] {
                   if (replies == nullptr) return;
                   replies->on_echo_reply(kept.slot,
                                          {.source = kept.destination,
                                           .hop_limit = static_cast<std::uint8_t>(65 - hops),
                                           .traffic_class = traffic_class,
                                           .payload = kept.payload},
                                          now_);
                 });
    return std::nullopt;
  }

  void flush(EchoReplies& to, Time now) override {
    for (const Failure& failure : std::exchange(failures_, {})) {
      to.on_echo_failure(failure.request.slot,
                         {.destination = failure.request.destination,
                          .reason = failure.reason,
                          .mtu = failure.mtu,
                          .payload = failure.request.payload},
                         now);
    }
  }

  std::optional<IpAddress> source_for(const IpAddress& destination) const override {
    return destination.is_v4() ? own_v4 : own_v6;
  }
  bool is_own_address(const IpAddress& address) const override {
    return address == own_v4 || address == own_v6;
  }
  bool is_broadcast(const IpAddress& address) const override {
    return broadcasts.contains(address);
  }

 private:
  using Refusal = Host::Refusal;
  struct Kept {
    Kept(const EchoSlot& s, const EchoRequest& request)
        : slot(s),
          destination(request.destination),
          payload(request.payload.begin(), request.payload.end()) {}
    EchoSlot slot;
    IpAddress destination;
    std::vector<std::uint8_t> payload;
  };
  struct Failure {
    Kept request;
    DropReason reason;
    std::size_t mtu;
  };

  // A router says so; it is `hop` routers away from the connector's own link.
  void error(const Kept& kept, const Host& host, std::size_t hop, Refusal what, std::uint32_t mtu) {
    schedule_.at(now_ + host.rtt / 2, [this, kept, what, mtu, hop, router = host.routers[hop]] {
      if (replies == nullptr) return;
      replies->on_echo_error(kept.slot,
                             {.offender = router,
                              .destination = kept.destination,
                              .type = what.type,
                              .code = what.code,
                              .parameter = mtu,
                              .hop_limit = static_cast<std::uint8_t>(64 - hop),
                              .traffic_class = 0xc0,
                              .payload = kept.payload,
                              .extensions = extensions},
                             now_);
    });
  }

  Schedule& schedule_;
  const Time& now_;
  std::vector<Failure> failures_;
};

}  // namespace oneping::sim
