#include "edge/device_gate.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace oneping::edge {

using namespace std::chrono_literals;

namespace {

// Connections without a session, and how long each may be so.
constexpr std::size_t kMaxStrangers = 256;
constexpr Duration kStrangerPatience = 10s;
// Sessions of one device: its TUN device's, and one for each tool that runs beside it.
constexpr std::size_t kMaxSessionsOfDevice = 32;
// Enrolments a second, of one network and in all: each waits for the store.
constexpr AddressLimits kEnrolments{.per_address = 20, .total = 100};
// So often, at most, sessions are told of new routes: a device gets the whole list each time.
constexpr Duration kReviewInterval = 200ms;

}  // namespace

DeviceGate::DeviceGate(const EdgeConfig& config, PacketPath& packets, TunnelTable& tunnels,
                       Random& random, EdgeEvents* events, DeviceRegistrar* registrar)
    : config_(config),
      packets_(packets),
      tunnels_(tunnels),
      events_(events),
      registrar_(registrar),
      enrolments_(kEnrolments, random) {}

DeviceGate::~DeviceGate() = default;

quic::ConnectionEvents& DeviceGate::on_connection(quic::Connection& quic, Time now) {
  make_room();
  const auto ref = connections_.add(std::make_unique<DeviceConnection>(quic, *this, now));
  DeviceConnection& connection = **connections_.find(ref);
  connection.ref = ref;
  return connection.server().quic_events();
}

void DeviceGate::make_room() {
  std::size_t waiting = 0;
  DeviceConnection* first = nullptr;
  std::pair<bool, Time> first_rank;
  connections_.for_each([&](auto, const std::unique_ptr<DeviceConnection>& connection) {
    if (connection->has_session()) return;
    ++waiting;
    const std::pair rank(connection->is_known(), connection->idle_since());
    if (first != nullptr && first_rank <= rank) return;
    first = connection.get();
    first_rank = rank;
  });
  if (waiting < kMaxStrangers) return;
  first->close(masque::H3Error::excessive_load, "too many like you");
  retire(first->ref);
}

// Sessions are looked at in the turn that brings the snapshot, so that a revoked device is gone at
// once; but not more often than the interval says while changes keep coming.
void DeviceGate::run(Time now) {
  graveyard_.clear();
  if (is_reviewed_ || now < next_review_) return;
  is_reviewed_ = true;
  next_review_ = now + kReviewInterval;
  connections_.for_each([&](auto ref, const std::unique_ptr<DeviceConnection>& connection) {
    if (connection->review(now)) retire(ref);
  });
}

void DeviceGate::on_time(Time now) {
  connections_.for_each([&](auto ref, const std::unique_ptr<DeviceConnection>& connection) {
    masque::MasqueServer& server = connection->server();
    if (server.next_deadline() <= now) server.on_time(now);
    if (connection->has_session() || now - connection->idle_since() < kStrangerPatience) return;
    connection->close(masque::H3Error::no_error, "nothing was asked for");
    retire(ref);
  });
}

void DeviceGate::shut_down() {
  connections_.for_each([&](auto ref, const std::unique_ptr<DeviceConnection>& connection) {
    connection->close(masque::H3Error::no_error, "the edge is stopping");
    retire(ref);
  });
  graveyard_.clear();
}

std::vector<DeviceSessionStatus> DeviceGate::status(Time now) const {
  std::vector<DeviceSessionStatus> all;
  connections_.for_each([&](auto, const std::unique_ptr<DeviceConnection>& connection) {
    if (connection->has_session()) all.push_back(connection->status(now));
  });
  return all;
}

// One advertisement for all devices of a network, made when the first of them needs it.
const masque::AdvertisedRoutes& DeviceGate::routes_of(NetworkId network) {
  const auto& routing = snapshot().routing;
  if (routing != advertised_) {
    advertised_ = routing;
    advertisements_.clear();
  }
  const auto [entry, is_new] = advertisements_.try_emplace(network);
  const auto prefixes = routing->prefixes.find(network);
  if (is_new && prefixes != routing->prefixes.end()) {
    entry->second = masque::AdvertisedRoutes(prefixes->second);
    if (const std::size_t left_out = entry->second.left_out()) {
      log::warn(
          "a virtual network has more routes than its devices can be told: {} ranges are "
          "left out; make prefixes that hold them",
          left_out);
    }
  }
  return entry->second;
}

bool DeviceGate::may_open_session(DeviceId device) const {
  const auto known = sessions_.find(device);
  return known == sessions_.end() || known->second < kMaxSessionsOfDevice;
}

void DeviceGate::on_session_open(DeviceId device) {
  ++sessions_opened_;
  if (++sessions_[device] == 1 && events_ != nullptr) events_->on_device_online(device, true);
}

void DeviceGate::on_session_closed(DeviceId device) {
  const auto known = sessions_.find(device);
  if (--known->second > 0) return;
  sessions_.erase(known);
  if (events_ != nullptr) events_->on_device_online(device, false);
}

void DeviceGate::retire(DeviceConnectionRef ref) {
  graveyard_.push_back(std::move(*connections_.find(ref)));
  connections_.remove(ref);
}

}  // namespace oneping::edge
