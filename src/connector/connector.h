// The connector: the second hop. Packets from the edge go to the echo proxy or the UDP proxy with
// their hop limit lowered, and those that will expire near by at a pace; what comes back goes to
// the edge, on the connection that the request came on or, when that has gone, on any other. An
// edge that speaks of UDP sessions gets those instead.
//
// Pure: the owner feeds it time and the backend's replies, and calls run() once a turn before the
// QUIC endpoints' flush(). All references must outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/packet.h"
#include "connector/config.h"
#include "connector/echo_link.h"
#include "connector/udp_link.h"
#include "connector/uplink.h"
#include "forward/forwarder.h"
#include "forward/probe_pacer.h"
#include "proxy/echo_proxy.h"
#include "proxy/tcp_backend.h"
#include "proxy/udp_proxy.h"
#include "tunnel/connector_settings.h"

namespace oneping::connector {

class Connector final : private UplinkEvents, private EchoProxyEvents, private UdpProxyEvents {
 public:
  Connector(ConnectorConfig config, Dialer& dialer, EchoBackend& backend, UdpBackend& udp_backend,
            TcpBackend& tcp_backend, PacketPool& pool, Random& random);
  ~Connector() override;

  // Dials the first connection; the others follow when it has registered.
  void start(Time now);
  void run(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;

  // Where the backends' replies go.
  [[nodiscard]] EchoReplies& replies() { return proxy_; }
  [[nodiscard]] UdpReplies& udp_replies() { return udp_; }

  // Graceful end: no new flows, then wait for answers under way. is_drained() says when to stop.
  void drain(Time now);
  [[nodiscard]] bool is_draining() const { return drain_since_.has_value(); }
  [[nodiscard]] bool is_drained() const { return drained_; }

  // Set when the edge has refused the tunnel's token and no connection is left: what to tell the
  // operator before exiting.
  [[nodiscard]] const std::optional<std::string>& fatal() const { return fatal_; }

  [[nodiscard]] const ConnectorConfig& config() const { return config_; }
  [[nodiscard]] std::size_t ready_connections() const;
  [[nodiscard]] const std::vector<std::unique_ptr<Uplink>>& uplinks() const { return uplinks_; }
  [[nodiscard]] const EchoProxy& echo() const { return proxy_; }
  [[nodiscard]] const UdpProxy& udp() const { return udp_; }
  // What went through this hop, by direction.
  [[nodiscard]] const TrafficCounters& to_network() const { return requests_.traffic(); }
  [[nodiscard]] const TrafficCounters& to_client() const { return replies_.traffic(); }
  [[nodiscard]] const ProbePacer& probes() const { return probes_; }
  [[nodiscard]] std::uint64_t errors_suppressed() const { return forwarder_.errors_suppressed(); }

 private:
  // Everything from the edge that is not UDP goes to the echo proxy, which takes echo requests
  // only.
  class RequestRouter final : public Router {
   public:
    explicit RequestRouter(Connector& connector) : connector_(connector) {}
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    bool is_here(const IpView& packet) const override {
      return connector_.backend_.is_own_address(packet.destination());
    }
    Link* way_back(std::uint64_t) override { return connector_.uplink_for(0); }
    Link* echo = nullptr;
    Link* udp = nullptr;  // null: this connector carries none

   private:
    Connector& connector_;
  };

  class ReplyRouter final : public Router {
   public:
    explicit ReplyRouter(Connector& connector) : connector_(connector) {}
    tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time now) override;
    std::uint8_t tag = 0;

   private:
    Connector& connector_;
  };

  // That with this number, or another if it is not up; null if none is.
  [[nodiscard]] Link* uplink_for(std::uint8_t tag);
  [[nodiscard]] std::optional<IpAddress> hop_address(const IpView& packet) const;
  void check_drained(Time now);
  void log_refused_probes(Time now);

  void on_registered(Uplink& uplink, Time now) override;
  void on_refused(Uplink& uplink, const tunnel::RegistrationRefused& refusal, Time now) override;
  Result<void> on_configuration(Uplink& uplink, std::int32_t version,
                                std::string_view json) override;
  void on_tunnel_packet(Uplink& uplink, Bytes packet, Time now) override;
  tunnel::UdpAnswer on_udp_register(Uplink& uplink, const tunnel::UdpRegistration& registration,
                                    Time now) override;
  void on_udp_payload(const Uuid& session, Bytes payload, Time now) override;
  void on_udp_end(const Uuid& session) override;
  void on_connect_check(Uplink& uplink, const ConnectCheck& check) override;
  void on_bad_datagram(DropReason reason) override;
  void on_answer(Packet packet, std::uint8_t tag, Time now) override;
  bool on_undeliverable(const IpView& request, DropReason reason, std::size_t mtu, std::uint8_t tag,
                        Time now) override;
  void on_udp_answer(Packet packet, std::uint8_t tag, Time now) override;
  bool on_udp_undeliverable(const IpView& packet, DropReason reason, std::size_t mtu,
                            std::uint8_t tag, Time now) override;
  std::optional<DropReason> on_session_answer(const Uuid& session, Bytes payload, std::uint8_t tag,
                                              Time now) override;
  void on_session_over(const Uuid& session, std::uint8_t tag) override;

  ConnectorConfig config_;
  EchoBackend& backend_;
  TcpBackend& tcp_;
  PacketPool& pool_;
  EchoProxy proxy_;
  UdpProxy udp_;
  DestinationFilter tcp_filter_;
  Forwarder forwarder_;
  ProbePacer probes_;
  RequestRouter requests_{*this};
  ReplyRouter replies_{*this};
  std::vector<EchoLink> echo_links_;
  std::vector<UdpLink> udp_links_;
  std::vector<PacedLink> paced_echo_links_;  // what the routers get to see
  std::vector<PacedLink> paced_udp_links_;
  std::vector<std::unique_ptr<Uplink>> uplinks_;
  std::optional<std::string> fatal_;
  std::int32_t configuration_version_ = -1;  // in force, whichever connection brought it
  tunnel::ConnectorSettings settings_;
  std::uint64_t refused_probes_logged_ = 0;
  Time next_probe_log_{};
  std::optional<Time> drain_since_;
  Time next_drain_check_ = kNever;
  bool drained_ = false;
};

}  // namespace oneping::connector
