// Measures the path to an address from the edge, as one of its clients: on a device's behalf, or as
// somebody whom no policy names. Its probes take the same way as everybody's packets, with the same
// policies, routes and hops; what comes back is read as mtr reads it.
//
// What comes back is kept, with its time, until on_time(): the edge may hand it out while a probe
// is being sent. Pure; packet path, tunnels and pool must outlive it.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "edge/config.h"
#include "edge/packet_path.h"
#include "edge/path_report.h"
#include "edge/port_checks.h"
#include "probe/mtr.h"
#include "probe/path_mtu.h"

namespace oneping::edge {

class PathCheck final : private Link, private probe::NameSource, private probe::TextSink {
 public:
  // Of what has come and is not read yet; more is dropped.
  static constexpr std::size_t kMaxInbox = 256;

  PathCheck(const PathQuestion& question, const EdgeConfig& config, PacketPath& packets,
            const TunnelTable& tunnels, PacketPool& pool, Random& random, Time now);
  ~PathCheck() override;

  void on_connect_answer(ConnectionRef connection, quic::StreamId call, const std::string& error) {
    ports_.on_connect_answer(connection, call, error);
  }
  void on_time(Time now);
  [[nodiscard]] Time next_time() const;
  [[nodiscard]] PathReport report() const;

 private:
  // The way into the edge, for the probes.
  class Outlet final : public Link {
   public:
    explicit Outlet(PathCheck& check) : check_(check) {}
    std::optional<DropReason> send(Packet& packet, Time now) override;
    [[nodiscard]] std::size_t max_packet_size() const override { return kEthernetMtu; }

   private:
    PathCheck& check_;
  };
  static constexpr std::size_t kEthernetMtu = 1500;

  // Link: what the edge sends to this client.
  std::optional<DropReason> send(Packet& packet, Time now) override;
  [[nodiscard]] std::size_t max_packet_size() const override { return kEthernetMtu; }
  // The tools ask for no names and write nothing here.
  void ask(const IpAddress&) override {}
  void out(std::string_view) override {}
  void err(std::string_view) override {}

  [[nodiscard]] probe::ToolHost host(PacketPool& pool, Random& random);
  [[nodiscard]] HopReport report_hop(unsigned ttl) const;
  [[nodiscard]] HopRole role_of(unsigned ttl, const IpAddress& address) const;
  [[nodiscard]] bool is_reached() const;
  [[nodiscard]] bool is_silent() const;
  [[nodiscard]] bool is_measured() const;
  // The network that the probes are in; nothing: the device has gone.
  [[nodiscard]] std::optional<NetworkId> network() const;
  [[nodiscard]] std::optional<ConnectionRef> way() const;
  [[nodiscard]] std::optional<Duration> edge_to_connector() const;

  const PathQuestion question_;
  const EdgeConfig& config_;
  PacketPath& packets_;
  const TunnelTable& tunnels_;
  const IpAddress source_;
  ClientRef client_;
  Outlet outlet_{*this};
  probe::Mtr mtr_;
  probe::PathMtu mtu_;
  PortChecks ports_;
  bool is_mtu_started_ = false;
  std::vector<std::pair<Packet, Time>> inbox_;
};

// Where probes of that question come from; nothing if it names a device that cannot ask it.
[[nodiscard]] std::optional<IpAddress> source_of(const PathQuestion& question,
                                                 const EdgeConfig& config,
                                                 const Snapshot& snapshot);

}  // namespace oneping::edge
