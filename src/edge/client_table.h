// The clients: links by which packets come into the edge, and who sends by each. A client remembers
// what the snapshot says of him, and asks it again, at his next packet, when there is a new one.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/slots.h"
#include "edge/device_usage.h"
#include "edge/snapshot.h"
#include "forward/link.h"

namespace oneping::edge {

struct Client {
  Link* link = nullptr;
  DeviceId device = 0;
  std::shared_ptr<const Identity> stranger;  // instead of a device
  DeviceUsage* usage = nullptr;              // the device's; null: without limits
  bool on_behalf = false;                    // the edge sends, to see what the device would see

  // As the snapshot of `revision` has it.
  std::uint64_t revision = 0;
  std::uint64_t policies_revision = 0;
  std::shared_ptr<const Identity> identity;  // null: unknown or revoked, he may not send
  const RouteTable* routes = nullptr;        // of his virtual network; null: it has none
  PolicyTable::Sender sender;                // he, as the policies know him
  // Grows whenever verdicts on his flows may have become different.
  std::uint64_t judgement = 0;

  [[nodiscard]] bool may_send_from(const IpAddress& source) const;
};

using ClientRef = SlotRef<Client>;

class ClientTable {
 public:
  explicit ClientTable(const DeviceLimits& limits) : limits_(limits) {}

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  void apply(Snapshot snapshot);

  // The link must outlive the client.
  ClientRef add(Link& link, DeviceId device);
  // The edge itself in that device's name: what it sends is none of the device's, and told so.
  ClientRef add_on_behalf(Link& link, DeviceId device);
  // Somebody whom no snapshot knows, who is as this says.
  ClientRef add(Link& link, std::shared_ptr<const Identity> stranger);
  void remove(ClientRef client) { clients_.remove(client); }
  // New limits, in force at once.
  void limit_devices(const DeviceLimits& limits);

  // As the snapshot in force has him; null when he has been removed.
  [[nodiscard]] Client* find(ClientRef ref) {
    Client* client = clients_.find(ref);
    if (client != nullptr && client->revision != revision_) look_up(*client);
    return client;
  }
  [[nodiscard]] std::size_t size() const { return clients_.size(); }

 private:
  void look_up(Client& client);
  [[nodiscard]] std::shared_ptr<const Identity> identity_of(const Client& client) const;
  [[nodiscard]] DeviceUsage& usage_of(DeviceId device);

  Snapshot snapshot_;
  std::uint64_t revision_ = 1;
  std::uint64_t policies_revision_ = 1;
  DeviceLimits limits_;
  // Of every device that has sent; as few as have ever enrolled. Flows refer to them.
  std::unordered_map<DeviceId, std::unique_ptr<DeviceUsage>> usages_;
  Slots<Client> clients_;
};

}  // namespace oneping::edge
