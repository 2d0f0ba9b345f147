#include "test/sim/hostile.h"

namespace oneping::sim {

HostileConnector::HostileConnector(World& world, const std::string& name)
    : world_(world), sender_(world.network, world.now) {
  tunnel::Registration registration;
  const ControlPlane::Tunnel& tunnel = world.control.tunnel(name);
  registration.account_tag = kAccount;
  registration.tunnel_secret = tunnel.secrets.front();
  registration.tunnel_id = tunnel.id;
  registration.connector_id = {0x66};
  registration.features = {tunnel::kFeatureDatagramV2};
  if (world.options.datagram == tunnel::DatagramVersion::v3) {
    registration.features.emplace_back(tunnel::kFeatureDatagramV3);
  }
  connection_ = std::make_unique<tunnel::ConnectorConnection>(
      registration, pool_, static_cast<tunnel::ConnectorConnectionEvents&>(*this));
  endpoint_ = std::make_unique<quic::Endpoint>(quic::EndpointOptions{}, world.trust.client_tls(),
                                               world.random, nullptr);
  world.network.attach(address_, [this](const quic::Path& path, Bytes bytes) {
    endpoint_->on_packets(path, bytes, bytes.size(), world_.now);
  });
  quic_ = endpoint_->connect({address_, world.edge_address}, *connection_, world.now).value();
  connection_->start(*quic_);
  world.others.push_back(this);
}

HostileConnector::~HostileConnector() {
  std::erase(world_.others, this);
  world_.network.detach(address_);
  connection_->close("done");
}

void HostileConnector::turn(Time now) {
  if (endpoint_->next_deadline() <= now) endpoint_->on_time(now);
  connection_->run(now);
  endpoint_->flush(now, sender_);
}

void HostileConnector::send(Bytes datagram) {
  auto packet = pool_.copy(datagram).value();
  (void)quic_->send_datagram(packet, world_.now);
}

HostileEdge::HostileEdge(World& world) : world_(world), sender_(world.network, world.now) {
  endpoint_ = std::make_unique<quic::Endpoint>(quic::EndpointOptions{}, world.trust.server_tls(),
                                               world.random, static_cast<quic::Acceptor*>(this));
  world.network.attach(world.edge_address, [this](const quic::Path& path, Bytes bytes) {
    endpoint_->on_packets(path, bytes, bytes.size(), world_.now);
  });
  world.others.push_back(this);
}

HostileEdge::~HostileEdge() {
  std::erase(world_.others, this);
  world_.network.detach(world_.edge_address);
  for (const auto& connection : connections_) {
    if (!closed_) connection->close("done");
  }
}

void HostileEdge::turn(Time now) {
  if (endpoint_->next_deadline() <= now) endpoint_->on_time(now);
  for (const auto& connection : connections_) connection->run(now);
  endpoint_->flush(now, sender_);
}

void HostileEdge::send(Bytes datagram) {
  auto packet = pool_.copy(datagram).value();
  (void)connections_[next_++ % connections_.size()]->quic().send_datagram(packet, world_.now);
}

quic::ConnectionEvents& HostileEdge::on_connection(quic::Connection& connection, Time) {
  connections_.push_back(std::make_unique<tunnel::EdgeConnection>(
      connection, pool_, static_cast<tunnel::EdgeConnectionEvents&>(*this)));
  return *connections_.back();
}

}  // namespace oneping::sim
