// Whether a UDP port of a host answers: some datagrams to it, and what comes back. Most services
// say nothing to what they do not understand, so that silence is no refusal; DNS and NTP are asked
// what they answer.
#pragma once

#include <string>

#include "probe/tool.h"

namespace oneping::probe {

class UdpCheck {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds(700);
  static constexpr int kDatagrams = 3;

  enum class Outcome : std::uint8_t {
    silent,       // nothing has come back
    answered,     // by a datagram
    refused,      // the host says that nobody listens there
    unreachable,  // somebody says that it does not get there
  };

  UdpCheck(const IpAddress& source, const SocketAddress& destination, const ToolHost& host);

  void start(Time now) { send(now); }
  void on_packet(Bytes packet, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_time() const { return is_done_ ? kNever : deadline_; }
  [[nodiscard]] bool is_done() const { return is_done_; }

  [[nodiscard]] Outcome outcome() const { return outcome_; }
  // Who says what, where somebody refuses it; empty otherwise.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  void send(Time now);
  void finish(Outcome outcome, std::string detail = {});

  IpAddress source_;
  SocketAddress destination_;
  ToolHost host_;
  std::uint16_t port_;  // ours
  int sent_ = 0;
  Time deadline_ = kNever;
  Outcome outcome_ = Outcome::silent;
  std::string detail_;
  bool is_done_ = false;
};

}  // namespace oneping::probe
