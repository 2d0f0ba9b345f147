// The ports of a path check: whether the one that was asked about answers, and, for a host that is
// silent to pings, whether it is there at all. UDP is tried by datagrams on the path itself; TCP by
// the connector, which makes the connection and lets go of it, for oneping carries no TCP.
//
// Pure; tunnels, host and their like must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge/path_report.h"
#include "edge/tunnel_table.h"
#include "probe/udp_check.h"

namespace oneping::edge {

class PortChecks {
 public:
  // A connector's answer is waited for so long.
  static constexpr Duration kPatience = std::chrono::seconds(4);
  // Where a host that hides is most likely to show itself.
  static constexpr std::uint16_t kLikelyPorts[] = {443, 22, 80, 445, 53};

  PortChecks(const IpAddress& source, const PathQuestion& question, const TunnelTable& tunnels,
             const probe::ToolHost& host);
  ~PortChecks();

  // Checks the port that was asked about, if one was. Without a connection to a connector nothing
  // of TCP is tried.
  void start(std::optional<ConnectionRef> way, Time now);
  // Looks whether the host is there at all; once.
  void look_for_life(std::optional<ConnectionRef> way, Time now);

  void on_packet(Bytes packet, Time now) {
    if (udp_) udp_->on_packet(packet, now);
  }
  void on_connect_answer(ConnectionRef connection, quic::StreamId call, const std::string& error);
  void on_time(Time now);
  [[nodiscard]] Time next_time() const;
  // Nothing is under way.
  [[nodiscard]] bool is_quiet() const { return calls_.empty() && (!udp_ || udp_->is_done()); }

  // What is known; nothing while it is not, or was not asked.
  [[nodiscard]] std::optional<PortReport> port() const;
  [[nodiscard]] const std::optional<PortReport>& life() const { return life_; }

 private:
  struct Call {
    ConnectionRef connection;
    quic::StreamId stream;
    std::uint16_t port;
    bool is_for_life;
    Time give_up;
  };
  // Whether it could be asked.
  [[nodiscard]] bool ask(ConnectionRef way, std::uint16_t port, bool is_for_life, Time now);
  void conclude(const Call& call, PortReport report);
  void give_up(const Call& call) const;

  const PathQuestion question_;
  const TunnelTable& tunnels_;
  std::optional<probe::UdpCheck> udp_;
  std::optional<PortReport> port_;
  std::optional<PortReport> life_;
  bool has_looked_for_life_ = false;
  std::vector<Call> calls_;
};

// What a connector's words about a TCP connection mean: cloudflared says them as Go does, our own
// as the system does.
[[nodiscard]] PortReport::Outcome outcome_of_connect(std::string_view error);

}  // namespace oneping::edge
