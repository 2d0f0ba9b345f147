#include "connector/uplink.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "tunnel/announcement.h"

namespace oneping::connector {

using tunnel::ConnectorConnection;

Uplink::Uplink(std::uint8_t index, const ConnectorConfig& config, Dialer& dialer, PacketPool& pool,
               UplinkEvents& events, Random& random)
    : index_(index),
      config_(config),
      dialer_(dialer),
      pool_(pool),
      events_(events),
      random_(random) {}

Uplink::~Uplink() { stop("stopped"); }

void Uplink::start(Time now) { dial(now); }

void Uplink::run(Time now) {
  gone_.reset();
  if (connection_) connection_->run(now);
}

void Uplink::on_time(Time now) {
  if (now < deadline_) return;
  deadline_ = kNever;
  if (state_ == State::waiting) return dial(now);
  if (state_ == State::connecting) {
    log::warn("connection {}: no registration within {} s", index_,
              std::chrono::duration_cast<std::chrono::seconds>(kRegistrationTimeout).count());
    connection_->close("registration timed out");
    wait(now);
  }
}

void Uplink::dial(Time now) {
  connection_ = std::make_unique<ConnectorConnection>(
      registration(), pool_, static_cast<tunnel::ConnectorConnectionEvents&>(*this));
  state_ = State::connecting;
  deadline_ = now + kRegistrationTimeout;
  const auto dialled = dialer_.dial(index_, attempts_++, *connection_, now);
  if (!dialled) {
    log::warn("connection {}: {}", index_, dialled.error().message);
    return wait(now);
  }
  quic_ = *dialled;
  connection_->start(*quic_);
}

tunnel::Registration Uplink::registration() const {
  tunnel::Registration registration;
  registration.account_tag = config_.account;
  registration.tunnel_secret = config_.secret;
  registration.tunnel_id = config_.tunnel_id;
  registration.connection_index = index_;
  registration.connector_id = config_.connector_id;
  registration.features = {tunnel::kFeatureRemoteConfig, tunnel::kFeatureDatagramV2};
  if (config_.datagram == tunnel::DatagramVersion::v3) {
    registration.features.emplace_back(tunnel::kFeatureDatagramV3);
  }
  for (auto& feature : tunnel::to_features({.connections = config_.connections,
                       .icmp_v4 = tunnel::IcmpAnnouncement{config_.icmp_v4_unavailable},
                       .icmp_v6 = tunnel::IcmpAnnouncement{config_.icmp_v6_unavailable},
                       .large_packets = config_.takes_large_packets,
                       .udp = config_.udp_carriage})) {
    registration.features.push_back(std::move(feature));
  }
  registration.version = config_.version;
  registration.arch = config_.arch;
  registration.previous_attempts = static_cast<std::uint8_t>(std::min(failures_, 255u));
  return registration;
}

void Uplink::wait(Time now) {
  drop_connection();
  ++failures_;
  state_ = State::waiting;
  const Duration pause = backoff_.next(random_);
  deadline_ = now + pause;
  log::info("connection {}: trying again in {} ms", index_,
            std::chrono::duration_cast<std::chrono::milliseconds>(pause).count());
}

void Uplink::unregister() {
  if (state_ == State::registered) {
    state_ = State::draining;
    connection_->unregister();
  } else {
    stop("stopped");
  }
}

void Uplink::stop(std::string_view reason) {
  if (quic_ != nullptr && connection_) connection_->close(reason);
  drop_connection();
  state_ = State::stopped;
  deadline_ = kNever;
}

void Uplink::drop_connection() {
  quic_ = nullptr;
  gone_ = std::move(connection_);
}

void Uplink::on_registered(ConnectorConnection&, const tunnel::RegistrationAccepted& details,
                           Time now) {
  state_ = State::registered;
  deadline_ = kNever;
  failures_ = 0;
  backoff_.reset();
  log::info("connection {}: registered with {} at {}", index_, details.location,
            quic_->path().remote.to_string());
  events_.on_registered(*this, now);
}

void Uplink::on_refused(ConnectorConnection&, const tunnel::RegistrationRefused& refusal,
                        Time now) {
  connection_->close("refused");
  wait(now);
  deadline_ = std::max(deadline_, now + refusal.retry_after);
  events_.on_refused(*this, refusal, now);
}

void Uplink::on_unregistered(ConnectorConnection&, Time) { unregistered_ = true; }

Result<void> Uplink::on_configuration(ConnectorConnection&, std::int32_t version,
                                      std::string_view json, Time) {
  return events_.on_configuration(*this, version, json);
}

void Uplink::on_packet(ConnectorConnection&, Bytes packet, Time now) {
  events_.on_tunnel_packet(*this, packet, now);
}

tunnel::UdpAnswer Uplink::on_udp_register(ConnectorConnection&,
                                          const tunnel::UdpRegistration& registration, Time now) {
  return events_.on_udp_register(*this, registration, now);
}

void Uplink::on_udp_payload(ConnectorConnection&, const Uuid& session, Bytes payload, Time now) {
  events_.on_udp_payload(session, payload, now);
}

void Uplink::on_udp_end(ConnectorConnection&, const Uuid& session, Time) {
  events_.on_udp_end(session);
}

void Uplink::on_connect_check(ConnectorConnection&, quic::StreamId stream,
                              const SocketAddress& destination, Time) {
  events_.on_connect_check(*this, {destination, attempts_, stream});
}

void Uplink::on_bad_datagram(ConnectorConnection&, DropReason reason, Time) {
  events_.on_bad_datagram(reason);
}

void Uplink::on_closed(ConnectorConnection&, const quic::CloseInfo& info, Time now) {
  log::warn("connection {}: lost: {}", index_, info.reason);
  if (state_ == State::draining) {
    drop_connection();
    state_ = State::stopped;
    return;
  }
  wait(now);
}

}  // namespace oneping::connector
