// Who sends by a link: what policies and the flow log know of him, and what a device proves and
// gets.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "forward/policy.h"
#include "quic/peer_certificate.h"
#include "wire/ip_address.h"

namespace oneping::edge {

using DeviceId = std::int64_t;

struct Identity {
  DeviceId id = 0;
  std::string device;  // its name
  std::string user;    // empty: nobody
  std::vector<std::string> groups;
  std::vector<std::string> tags;
  NetworkId network = 0;  // its packets are routed in this virtual network
  // An ingress of the edge itself, where packets of any source come in. Everybody else sends from
  // his own addresses alone, and within limits.
  bool is_ingress = false;
  std::vector<Prefix> addresses;  // its own, as host prefixes
  // Of its certificate's public key; none: no connection proves to be this device.
  std::optional<quic::KeyPin> key_pin;
  bool revoked = false;  // nothing of it is carried
};

// All of an identity's names, as policies ask for them.
[[nodiscard]] std::vector<Subject> subjects_of(const Identity& identity);

// All identities, by device and by key. Of several with one key only one can come by it: one that
// is not revoked if there is any, else the latest.
class Identities {
 public:
  using ByDevice = std::unordered_map<DeviceId, std::shared_ptr<const Identity>>;

  // Adds it, or replaces that of the same device.
  void set(std::shared_ptr<const Identity> identity);
  void erase(DeviceId device);

  [[nodiscard]] const std::shared_ptr<const Identity>& at(DeviceId device) const {
    return by_device_.at(device);
  }
  [[nodiscard]] ByDevice::const_iterator find(DeviceId device) const {
    return by_device_.find(device);
  }
  // Null: nobody's.
  [[nodiscard]] std::shared_ptr<const Identity> find(const quic::KeyPin& key) const;
  [[nodiscard]] ByDevice::const_iterator begin() const { return by_device_.begin(); }
  [[nodiscard]] ByDevice::const_iterator end() const { return by_device_.end(); }
  [[nodiscard]] std::size_t size() const { return by_device_.size(); }
  [[nodiscard]] bool empty() const { return by_device_.empty(); }

 private:
  struct HashKey {  // a pin is a hash itself
    std::size_t operator()(const quic::KeyPin& key) const { return load_be64(key.data()); }
  };
  ByDevice by_device_;
  std::unordered_multimap<quic::KeyPin, DeviceId, HashKey> by_key_;
};

}  // namespace oneping::edge
