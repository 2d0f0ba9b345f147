// Whether the edge is still there, and how often it must hear from us for that to be known.
//
// While packets flow, and for kBusy after, keep-alives come every second and silence is noticed
// within one or two (quic/connection_health.h). At rest they come as seldom as a NAT allows, and
// only QUIC's idle timeout notices. Whoever has reason to doubt the edge makes us busy.
#pragma once

#include <optional>

#include "base/time.h"
#include "quic/connection_health.h"

namespace oneping::device {

class Liveness {
 public:
  static constexpr Duration kBusy = std::chrono::seconds(60);
  static constexpr Duration kBusyKeepAlive = std::chrono::seconds(1);
  static constexpr Duration kRestingKeepAlive = std::chrono::seconds(15);
  static constexpr Duration kLook = std::chrono::milliseconds(200);

  // Another connection, or another path of it: what was heard before says nothing.
  void begin(Time now) {
    silence_.reset();
    health_ = {};
    be_busy(now);
  }
  // The connection has gone.
  void end() { next_look_ = kNever; }
  // One has come or gone.
  void on_packet(Time now) {
    if (!is_busy_) return begin(now);
    busy_until_ = now + kBusy;
  }
  // Something makes it likely that the edge has lost us, until it is heard again.
  void doubt(const quic::ConnectionStats& stats, Time now) {
    if (!is_busy_) health_ = {};
    be_busy(now);
    if (!silence_) silence_ = {now, stats.packets_received};
  }

  // At next_look(): how the connection is doing. `datagrams_sent`: that have left so far.
  void look(const quic::ConnectionStats& stats, std::uint64_t datagrams_sent, Time now) {
    if (now < next_look_) return;
    health_.observe(stats, datagrams_sent, now);
    if (silence_ && stats.packets_received > silence_->received) silence_.reset();
    if (!silence_ && health_.is_suspect()) silence_ = {now, stats.packets_received};
    is_busy_ = now < busy_until_ || silence_.has_value();
    next_look_ = is_busy_ ? now + kLook : kNever;
  }
  [[nodiscard]] Time next_look() const { return next_look_; }

  [[nodiscard]] Duration keep_alive() const {
    return is_busy_ ? kBusyKeepAlive : kRestingKeepAlive;
  }
  // Since when there is doubt; nothing while there is none.
  [[nodiscard]] std::optional<Time> silent_since() const {
    return silence_ ? std::optional(silence_->since) : std::nullopt;
  }

 private:
  struct Silence {
    Time since;
    std::uint64_t received;  // packets until then
  };

  void be_busy(Time now) {
    is_busy_ = true;
    busy_until_ = now + kBusy;
    next_look_ = std::min(next_look_, now + kLook);
  }

  bool is_busy_ = false;
  Time busy_until_{};
  Time next_look_ = kNever;
  quic::ConnectionHealth health_;
  std::optional<Silence> silence_;
};

}  // namespace oneping::device
