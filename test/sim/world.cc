#include "test/sim/world.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "quic/server_certificate.h"

namespace oneping::sim {

using namespace std::chrono_literals;

std::shared_ptr<const quic::TlsContext> Trust::server_tls() const {
  return quic::TlsContext::server({.certificate_pem = certificates.certificate_pem,
                                   .key_pem = certificates.key_pem,
                                   .alpn = {kTunnelAlpn, masque::kDeviceAlpn},
                                   .client_ca_pem = certificates.ca_pem})
      .value();
}

std::shared_ptr<const quic::TlsContext> Trust::client_tls() const {
  return quic::TlsContext::client({.server_name = kTunnelServerName,
                                   .alpn = {kTunnelAlpn},
                                   .ca_pem = {},
                                   .pins = {quic::key_pin(certificates.ca_pem).value()}})
      .value();
}

std::shared_ptr<const quic::TlsContext> Trust::device_tls(const std::string& certificate_pem,
                                                          const std::string& key_pem) const {
  return quic::TlsContext::client({.server_name = masque::kEdgeServerName,
                                   .alpn = {masque::kDeviceAlpn},
                                   .ca_pem = {},
                                   .pins = {quic::key_pin(certificates.ca_pem).value()},
                                   .certificate_pem = certificate_pem,
                                   .key_pem = certificate_pem.empty() ? "" : key_pem})
      .value();
}

edge::EdgeConfig edge_config(const WorldOptions& options) {
  edge::EdgeConfig config;
  config.location = "sim";
  config.hop_v4 = IpAddress::parse("172.68.101.57");
  config.hop_v6 = IpAddress::parse("fd00:172:68:101::57");
  config.forwarding = options.forwarding;
  config.udp_by_sessions = options.udp_by_sessions;
  return config;
}

Trust::Trust()
    : certificates(
          quic::make_server_certificate({kTunnelServerName, masque::kEdgeServerName}).value()) {}

EdgeNode::EdgeNode(World& world, const WorldOptions& options)
    : edge(edge_config(options), pool, world.random,
           {&world.observer, &world.observer, &world.registrar}),
      world_(world),
      sender_(world.network, world.now) {
  edge.apply(world.control.snapshot());
  quic::EndpointOptions endpoint_options;
  endpoint_options.static_secret = world.static_secret;
  endpoint_options.transport.idle_timeout = 30s;
  endpoint_ = std::make_unique<quic::Endpoint>(endpoint_options, world.trust.server_tls(),
                                               world.random, &edge);
  world.network.attach(world.edge_address, [this](const quic::Path& path, Bytes bytes) {
    world_.inside_edge = true;
    endpoint_->on_packets(path, bytes, bytes.size(), world_.now);
    world_.inside_edge = false;
  });
}

EdgeNode::~EdgeNode() {
  world_.network.detach(world_.edge_address);
  edge.shut_down();
}

edge::ClientRef EdgeNode::client(Link& link, edge::DeviceId device) {
  const auto [known, is_new] = clients_.try_emplace(&link);
  if (is_new) known->second = edge.add_client(link, device);
  return known->second;
}

void EdgeNode::remove_client(Link& link) {
  edge.remove_client(clients_.at(&link));
  clients_.erase(&link);
}

Time EdgeNode::next_deadline() const {
  return std::min(edge.next_deadline(), endpoint_->next_deadline());
}

void EdgeNode::turn(Time now) {
  if (endpoint_->next_deadline() <= now) endpoint_->on_time(now);
  edge.on_time(now);
  edge.run(now);
  endpoint_->flush(now, sender_);
}

ConnectorNode::ConnectorNode(World& world, const WorldOptions& options, std::uint8_t number,
                             const ControlPlane::Tunnel& tunnel)
    : network(world.schedule, world.now),
      udp_network(world.schedule, world.now, network),
      tcp_network(network),
      world_(world),
      number_(number),
      sender_(world.network, world.now) {
  connector::ConnectorConfig config;
  config.tunnel_id = tunnel.id;
  config.account = kAccount;
  config.secret = tunnel.secrets.front();
  world.random.fill(config.connector_id);
  config.version = "sim";
  config.arch = "sim";
  config.connections = options.connections;
  config.datagram = options.datagram;
  config.takes_large_packets = !options.foreign_connectors;
  config.forwarding = options.forwarding;
  config.udp_carriage = options.udp;
  config.udp.mappings = options.udp_mappings;
  network.open_channels = options.ping_channels;
  if (options.ping_channels == 0) {
    config.icmp_v4_unavailable = config.icmp_v6_unavailable = "no ping sockets here";
  }
  network.own_v4 = IpAddress::v4(0xac100a64u + number - 1);
  for (const char* host : {"172.16.10.120", "fd00:172:16:10::120"}) {
    network.hosts[IpAddress::parse(host).value()] = Host{};
  }
  for (const auto& [host, r1, r2] :
       {std::array{"10.20.30.40", "172.16.10.1", "10.20.1.2"},
        std::array{"fd00:10:20:30::40", "fd00:172:16:10::1", "fd00:10:20:1::2"}}) {
    network.hosts[IpAddress::parse(host).value()] =
        Host{.hops = 3, .routers = {IpAddress::parse(r1).value(), IpAddress::parse(r2).value()}};
  }
  connector = std::make_unique<connector::Connector>(
      std::move(config), static_cast<connector::Dialer&>(*this), network, udp_network, tcp_network,
      pool, world.random);
  network.replies = &connector->replies();
  udp_network.replies = &connector->udp_replies();
  for (std::uint8_t i = 0; i < options.connections; ++i) {
    endpoints_.push_back(std::make_unique<quic::Endpoint>(
        quic::EndpointOptions{}, world.trust.client_tls(), world.random, nullptr));
    world.network.attach(address_of(i), [this, i](const quic::Path& path, Bytes bytes) {
      endpoints_[i]->on_packets(path, bytes, bytes.size(), world_.now);
    });
  }
  connector->start(world.now);
}

void ConnectorNode::die() {
  for (std::uint8_t i = 0; i < endpoints_.size(); ++i) world_.network.detach(address_of(i));
  network.replies = nullptr;
  udp_network.replies = nullptr;
}

SocketAddress ConnectorNode::address_of(std::uint8_t uplink) const {
  return {IpAddress::v4(0xc6336402u + number_), static_cast<std::uint16_t>(40000 + uplink)};
}

Result<quic::Connection*> ConnectorNode::dial(std::uint8_t index, unsigned,
                                              quic::ConnectionEvents& events, Time now) {
  return endpoints_[index]->connect({address_of(index), world_.edge_address}, events, now);
}

Time ConnectorNode::next_deadline() const {
  Time next = connector->next_deadline();
  for (const auto& endpoint : endpoints_) next = std::min(next, endpoint->next_deadline());
  return next;
}

void ConnectorNode::turn(Time now) {
  for (const auto& endpoint : endpoints_) {
    if (endpoint->next_deadline() <= now) endpoint->on_time(now);
  }
  connector->on_time(now);
  connector->run(now);
  network.flush(connector->replies(), now);
  udp_network.flush(connector->udp_replies(), now);
  tcp_network.flush();
  for (const auto& endpoint : endpoints_) endpoint->flush(now, sender_);
}

World::World(const WorldOptions& world_options)
    : options(world_options), random(world_options.seed) {
  log::set_level(log::Level::off);
  random.fill(static_secret);
  start_edge();
}

void World::start_edge() { edge = std::make_unique<EdgeNode>(*this, options); }

ConnectorNode& World::start_connector(std::uint8_t number, const std::string& tunnel) {
  if (connectors.size() <= number) connectors.resize(number + 1u);
  connectors[number] =
      std::make_unique<ConnectorNode>(*this, options, number, control.tunnel(tunnel));
  return *connectors[number];
}

void World::kill_connector(std::uint8_t number) {
  connectors[number]->die();
  killed_.push_back(std::move(connectors[number]));
}

std::size_t World::ready_connections() const {
  std::size_t sum = 0;
  for (const auto& connector : connectors) {
    if (connector) sum += connector->connector->ready_connections();
  }
  return sum;
}

void World::send(Client& client, Packet packet) {
  if (edge)
    edge->edge.on_client_packet(std::move(packet), edge->client(client, client.device), now);
}

void World::send(UdpClient& client, Packet packet) {
  if (edge) {
    edge->edge.on_client_packet(std::move(packet), edge->client(client, client.device), now);
  }
}

void World::ping(Client& client, const IpAddress& to, EchoIdentity identity, std::uint8_t hop_limit,
                 const std::vector<std::uint8_t>& payload) {
  if (edge) send(client, client.request(edge->pool, to, identity, hop_limit, payload));
}

void World::run_for(Duration duration) {
  step(now);  // what the test has just done leaves now
  for (const Time end = now + duration; now < end;) step(end);
}

void World::expect_counters_add_up() const {
  SCOPED_TRACE("seed " + std::to_string(options.seed));
  const auto expect_whole = [](const StageCounters& stage) {
    EXPECT_EQ(stage.in(), stage.forwarded() + stage.answered() + stage.dropped());
  };
  const auto expect_directions = [&](const auto& hop) {
    for (const TrafficCounters* traffic : {&hop.to_network(), &hop.to_client()}) {
      expect_whole(traffic->packets);
      EXPECT_LE(traffic->bytes_forwarded, traffic->bytes_received);
    }
  };
  if (edge) {
    const edge::PacketPath& packets = edge->edge.packets();
    expect_directions(packets);
    std::uint64_t queued = 0;
    edge->edge.tunnels().connections().for_each([&](auto, const edge::LiveConnection& live) {
      queued += live.connection->quic().datagram_counters().in();
    });
    const edge::UdpSessions& sessions = packets.udp_sessions();
    EXPECT_EQ(sessions.counters().held(), sessions.waiting());
    expect_whole(sessions.payload_counters());
    if (sessions.counters().in() == 0 && !went_in_pieces) {
      EXPECT_LE(queued, packets.to_network().packets.forwarded()) << "datagrams nobody forwarded";
    }
  }
  for (const auto& node : connectors) {
    if (!node) continue;
    const connector::Connector& connector = *node->connector;
    const StageCounters& requests = connector.echo().request_counters();
    const StageCounters& replies = connector.echo().reply_counters();
    expect_directions(connector);
    expect_whole(requests);
    expect_whole(replies);
    const StageCounters& errors = connector.echo().error_counters();
    expect_whole(errors);
    const UdpProxy& udp = connector.udp();
    for (const StageCounters* stage :
         {&udp.request_counters(), &udp.reply_counters(), &udp.error_counters(),
          &udp.session_request_counters(), &udp.session_reply_counters()}) {
      expect_whole(*stage);
    }
    // What the hop forwards is what the proxies took, and the replies and errors that went up.
    EXPECT_EQ(requests.forwarded(), node->network.requests);
    EXPECT_EQ(udp.request_counters().forwarded() + udp.session_request_counters().forwarded(),
              node->udp_network.datagrams);
    EXPECT_EQ(udp.mappings().mappings(), node->udp_network.open_sockets.size());
    if (!went_in_pieces) {
      EXPECT_EQ(connector.to_network().packets.forwarded(),
                requests.forwarded() + udp.request_counters().forwarded());
    }
    EXPECT_EQ(connector.to_client().packets.in(), replies.forwarded() + errors.forwarded() +
                                                      udp.reply_counters().forwarded() +
                                                      udp.error_counters().forwarded());
  }
}

void World::step(Time limit) {
  Time next = std::min(limit, schedule.next());
  if (edge) next = std::min(next, edge->next_deadline());
  for (const auto& connector : connectors) {
    if (connector) next = std::min(next, connector->next_deadline());
  }
  for (const Participant* other : others) next = std::min(next, other->next_deadline());
  now = std::max(now, next);
  schedule.run_due(now);
  if (edge) edge->turn(now);
  for (const auto& connector : connectors) {
    if (connector) connector->turn(now);
  }
  for (Participant* other : others) other->turn(now);
}

}  // namespace oneping::sim
