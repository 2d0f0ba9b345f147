#include "test/sim/device.h"

#include <algorithm>

namespace oneping::sim {

using namespace std::chrono_literals;

namespace {

std::string virtual_address(const char* prefix, std::uint8_t number) {
  return prefix + std::to_string(number);
}

}  // namespace

Device::Device(World& world, std::uint8_t number)
    : v4(virtual_address("100.96.0.", number).c_str()),
      v6(virtual_address("fd00:100:96::", number).c_str()),
      key(*quic::make_key_and_csr("device")),
      address{IpAddress::v4(0xc000020au + number), 50000},
      world_(world),
      sender_(world.network, world.now) {
  world_.others.push_back(this);
}

Device::~Device() {
  world_.network.detach(address);
  std::erase(world_.others, this);
}

edge::Identity Device::identity(edge::DeviceId id, const std::string& name) const {
  edge::Identity identity;
  identity.id = id;
  identity.device = name;
  identity.user = name + "-user";
  identity.addresses = {Prefix(v4.address, 32), Prefix(v6.address, 128)};
  identity.key_pin = quic::csr_key_pin(key.request_pem).value();
  return identity;
}

void Device::certify() {
  const auto now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());  // of the chain
  certificate_pem =
      quic::sign_device_certificate(world_.trust.certificates.ca_pem,
                                    world_.trust.certificates.ca_key_pem, key.request_pem,
                                    {.common_name = "device",
                                     .uris = {},
                                     .serial = {1},
                                     .not_before = now - 1h,
                                     .not_after = now + 1h})
          .value() +
      world_.trust.certificates.ca_pem;
}

void Device::dial(bool wants_session) {
  wants_session_ = wants_session;
  is_ready_ = false;
  is_over_ = false;
  quic::EndpointOptions options;
  options.transport.idle_timeout = 30s;
  endpoint_ = std::make_unique<quic::Endpoint>(
      options, world_.trust.device_tls(certificate_pem, key.key_pem), world_.random, nullptr);
  world_.network.attach(address, [this](const quic::Path& path, Bytes bytes) {
    endpoint_->on_packets(path, bytes, bytes.size(), world_.now);
  });
  masque = std::make_unique<masque::MasqueClient>(masque::MasqueClientOptions{},
                                                  static_cast<masque::MasqueClientEvents&>(*this));
  masque->attach(
      **endpoint_->connect({address, world_.edge_address}, masque->quic_events(), world_.now));
}

bool Device::connect() {
  const int before = opened;
  dial();
  return world_.run_until([&] { return opened > before || is_over_; }, 2s) && opened > before;
}

masque::HttpResponse Device::ask(const masque::HttpRequest& request) {
  EXPECT_TRUE(world_.run_until([&] { return is_ready_; }, 2s));
  const auto stream = masque->request(request);
  EXPECT_TRUE(stream);
  if (!stream) return {};
  EXPECT_TRUE(world_.run_until([&] { return responses_.contains(*stream); }, 2s));
  return responses_[*stream].value_or(masque::HttpResponse{});
}

void Device::send(Packet packet) {
  if (const auto refusal = masque->link().send(packet, world_.now)) refusals.push_back(*refusal);
}

Time Device::next_deadline() const {
  if (!endpoint_) return kNever;
  return std::min(endpoint_->next_deadline(), is_over_ ? kNever : masque->next_deadline());
}

void Device::turn(Time now) {
  if (!endpoint_) return;
  if (endpoint_->next_deadline() <= now) endpoint_->on_time(now);
  if (!is_over_) masque->on_time(now);
  endpoint_->flush(now, sender_);
}

void Device::on_ready(Time now) {
  is_ready_ = true;
  if (wants_session_) {
    EXPECT_TRUE(masque->open_session({.authority = "edge.oneping.internal"}, now));
  }
}

void Device::on_response(quic::StreamId stream, std::optional<masque::HttpResponse> response,
                         Time) {
  responses_[stream] = std::move(response);
}

// To the client of the packet's family, who finds out whether it is for him.
void Device::on_packet(Bytes bytes, Time now) {
  if (when_packet) return when_packet(bytes);
  auto packet = pool.copy(bytes).value();
  Client& client = bytes[0] >> 4 == 4 ? v4 : v6;
  EXPECT_FALSE(client.send(packet, now));
}

void Device::on_bad_datagram(DropReason why, Time) {
  ADD_FAILURE() << "the edge sent what is no packet: " << to_string(why);
}

}  // namespace oneping::sim
