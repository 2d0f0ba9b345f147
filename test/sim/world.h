// The whole world in one process: an edge, connectors, clients and the networks between them, with
// real QUIC handshakes, under virtual time.
//
// Nodes can be killed (nobody is told) and made anew. run_for() advances time from event to event.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/packet.h"
#include "connector/connector.h"
#include "edge/edge.h"
#include "quic/endpoint.h"
#include "quic/server_certificate.h"
#include "test/sim/client.h"
#include "test/sim/control_plane.h"
#include "test/sim/network.h"
#include "test/sim/observer.h"
#include "test/sim/private_network.h"
#include "test/sim/tcp_network.h"
#include "test/sim/udp_client.h"
#include "test/sim/udp_network.h"

namespace oneping::sim {

inline constexpr const char* kTunnelServerName = "quic.cftunnel.com";
inline constexpr const char* kTunnelAlpn = "argotunnel";

// The edge's certificates, and what connectors know of them.
struct Trust {
  Trust();
  [[nodiscard]] std::shared_ptr<const quic::TlsContext> server_tls() const;
  [[nodiscard]] std::shared_ptr<const quic::TlsContext> client_tls() const;
  // Without a certificate the device shows none.
  [[nodiscard]] std::shared_ptr<const quic::TlsContext> device_tls(
      const std::string& certificate_pem, const std::string& key_pem) const;
  quic::CertificateBundle certificates;
};

// Answers as the test says.
class FakeRegistrar final : public edge::DeviceRegistrar {
 public:
  void enrol(masque::EnrolRequest request, edge::RegistrarDone<masque::EnrolAnswer> done) override {
    asked.push_back(std::move(request));
    if (!is_slow) return done(answer);
    waiting_.push_back(std::move(done));
  }
  void renew(edge::DeviceId, masque::RenewRequest,
             edge::RegistrarDone<masque::RenewAnswer> done) override {
    done(masque::RenewAnswer{"PEM"});
  }
  void answer_all() {
    for (const auto& done : waiting_) done(answer);
    waiting_.clear();
  }

  tl::expected<masque::EnrolAnswer, edge::RegistrarRefusal> answer;
  bool is_slow = false;
  std::vector<masque::EnrolRequest> asked;

 private:
  std::vector<edge::RegistrarDone<masque::EnrolAnswer>> waiting_;
};

struct WorldOptions {
  std::uint64_t seed = 1;
  tunnel::DatagramVersion datagram = tunnel::DatagramVersion::v3;
  std::uint8_t connections = 4;
  bool foreign_connectors = false;  // they take what other software takes
  std::uint16_t ping_channels = 4;  // of each connector; 0: it may not open ping sockets
  Forwarder::Options forwarding;
  tunnel::UdpCarriage udp = tunnel::UdpCarriage::packets;  // of connectors
  bool udp_by_sessions = false;                            // the edge's wish
  UdpMappingOptions udp_mappings;
};

[[nodiscard]] edge::EdgeConfig edge_config(const WorldOptions& options);

class World;

class EdgeNode {
 public:
  EdgeNode(World& world, const WorldOptions& options);
  ~EdgeNode();
  [[nodiscard]] Time next_deadline() const;
  void turn(Time now);

  // The client that sends by this link; made when it is asked for first.
  [[nodiscard]] edge::ClientRef client(Link& link, edge::DeviceId device);
  void remove_client(Link& link);

  PacketPool pool;
  edge::Edge edge;

 private:
  World& world_;
  std::unordered_map<Link*, edge::ClientRef> clients_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  NetworkSender sender_;
};

class ConnectorNode final : private connector::Dialer {
 public:
  // `number` makes its addresses; the same number again is the same host started anew.
  ConnectorNode(World& world, const WorldOptions& options, std::uint8_t number,
                const ControlPlane::Tunnel& tunnel);
  // Hears nothing more; what the network still does for it goes nowhere.
  void die();
  [[nodiscard]] Time next_deadline() const;
  void turn(Time now);
  [[nodiscard]] SocketAddress address_of(std::uint8_t uplink) const;

  PacketPool pool;
  PrivateNetwork network;
  UdpNetwork udp_network;
  TcpNetwork tcp_network;

 private:
  Result<quic::Connection*> dial(std::uint8_t index, unsigned attempt,
                                 quic::ConnectionEvents& events, Time now) override;

  World& world_;
  std::uint8_t number_;
  std::vector<std::unique_ptr<quic::Endpoint>> endpoints_;  // one for each uplink
  NetworkSender sender_;

 public:
  std::unique_ptr<connector::Connector> connector;  // goes before its endpoints
};

// Somebody else who takes part in the world's turns.
class Participant {
 public:
  virtual ~Participant() = default;
  [[nodiscard]] virtual Time next_deadline() const = 0;
  virtual void turn(Time now) = 0;
};

class World {
 public:
  explicit World(const WorldOptions& options = {});

  // Starts anew what was killed.
  void start_edge();
  ConnectorNode& start_connector(std::uint8_t number = 1, const std::string& tunnel = "sim");
  void kill_edge() { edge.reset(); }
  void kill_connector(std::uint8_t number = 1);

  // The edge takes what the control plane has.
  void apply() { edge->edge.apply(control.snapshot()); }

  // A packet from a client into the edge; nothing happens while there is none.
  void send(Client& client, Packet packet);
  void send(UdpClient& client, Packet packet);
  void udp(UdpClient& client, std::uint16_t port, const SocketAddress& to,
           const std::vector<std::uint8_t>& payload, std::uint8_t hop_limit = 64) {
    if (edge) send(client, client.packet(edge->pool, port, to, payload, hop_limit));
  }
  void ping(Client& client, const IpAddress& to, EchoIdentity identity, std::uint8_t hop_limit = 64,
            const std::vector<std::uint8_t>& payload = Client::default_payload());

  void run_for(Duration duration);
  // That every packet is in exactly one counter of every stage that it passed. Where packets went
  // in pieces, each of which counts, stages cannot be held against each other.
  bool went_in_pieces = false;
  void expect_counters_add_up() const;
  // Until the condition holds, at most `limit`; whether it holds.
  template <typename Condition>
  [[nodiscard]] bool run_until(Condition condition, Duration limit = std::chrono::seconds(30)) {
    for (const Time end = now + limit; now < end && !condition();) step(end);
    return condition();
  }
  [[nodiscard]] bool run_until_ready() {
    return run_until([this] { return edge && ready_connections() == options.connections; });
  }
  [[nodiscard]] std::size_t ready_connections() const;

  WorldOptions options;
  SeededRandom random;
  Time now{std::chrono::seconds(1)};
  Schedule schedule;
  Network network{schedule, random};
  Trust trust;
  ControlPlane control;
  Observer observer;
  FakeRegistrar registrar;
  std::array<std::uint8_t, 32> static_secret{};
  SocketAddress edge_address = SocketAddress::parse("198.51.100.1:7844").value();
  std::unique_ptr<EdgeNode> edge;
  std::vector<std::unique_ptr<ConnectorNode>> connectors;  // by number; null: killed
  std::vector<Participant*> others;
  bool inside_edge = false;  // while packets are the edge's, not the world's around it

 private:
  std::vector<std::unique_ptr<ConnectorNode>> killed_;
  void step(Time limit);
};

}  // namespace oneping::sim
