// What the control plane remembers: plain values, as the store keeps them. Everything has an id
// that is never used again, whatever its kind; names are unique within a kind and may change.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/timestamp.h"
#include "base/uuid.h"
#include "forward/policy.h"
#include "tunnel/path_mode.h"
#include "wire/ip_address.h"

namespace oneping::control {

using Id = std::int64_t;
// SHA-256 of a secret of 32 random bytes. The secret itself is shown once and kept nowhere.
using SecretHash = std::array<std::uint8_t, 32>;

// The virtual network that is there from the start and cannot be deleted.
inline constexpr Id kDefaultVnet = 1;

// A virtual network: two of them may hold the same prefix.
struct Vnet {
  Id id = 0;
  std::string name;
  std::string comment;
  Timestamp created;
  friend bool operator==(const Vnet&, const Vnet&) = default;
};

struct Tunnel {
  Id id = 0;
  std::string name;
  Uuid uuid{};                                // in its token
  std::string account;                        // in its token
  std::optional<SecretHash> secret;           // of its token; nothing: it has none yet
  std::optional<SecretHash> previous_secret;  // the token before, still good ...
  Timestamp previous_until;                   // ... until then
  tunnel::PathMode path = tunnel::PathMode::full;
  std::string comment;
  Timestamp created;
  std::optional<Timestamp> last_connected;  // when it last got or had a connection
  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

// A prefix is in a virtual network at most once.
struct Route {
  Id id = 0;
  Prefix prefix;
  Id vnet = kDefaultVnet;
  Id tunnel = 0;
  std::string comment;
  Timestamp created;
  friend bool operator==(const Route&, const Route&) = default;
};

struct User {
  Id id = 0;
  std::string name;
  std::string comment;
  Timestamp created;
  friend bool operator==(const User&, const User&) = default;
};

struct Group {
  Id id = 0;
  std::string name;
  std::vector<Id> members;  // users, in the order of their ids
  std::string comment;
  Timestamp created;
  friend bool operator==(const Group&, const Group&) = default;
};

// Lets a device enrol, and says what it becomes.
struct EnrolmentKey {
  Id id = 0;
  std::string name;
  SecretHash secret{};
  bool reusable = false;
  std::optional<Timestamp> expires;
  std::optional<Id> user;
  std::vector<std::string> tags;
  std::uint64_t uses = 0;
  bool revoked = false;
  Timestamp created;
  friend bool operator==(const EnrolmentKey&, const EnrolmentKey&) = default;
};

enum class DeviceKind : std::uint8_t {
  ingress,   // the edge's own TUN device
  enrolled,  // a client with a certificate of its own
};

struct Device {
  Id id = 0;
  std::string name;
  DeviceKind kind = DeviceKind::enrolled;
  std::optional<Id> user;
  std::vector<std::string> tags;
  Id vnet = kDefaultVnet;
  std::vector<IpAddress> addresses;
  std::optional<SecretHash> key_pin;  // of its certificate's public key; none for an ingress
  bool revoked = false;
  Timestamp created;
  std::optional<Timestamp> last_seen;
  friend bool operator==(const Device&, const Device&) = default;
};

// One of those whom a policy names: a user, group or device by its id, or a tag.
struct PolicyWho {
  SubjectKind kind = SubjectKind::user;
  Id id = 0;
  std::string tag;
  friend bool operator==(const PolicyWho&, const PolicyWho&) = default;
};

// See PolicyRule, which is made of it.
struct Policy {
  Id id = 0;
  std::uint32_t position = 0;  // 1, 2, 3, … without a gap: the order in which they are asked
  std::string name;
  std::vector<PolicyWho> who;
  std::vector<Prefix> to;
  std::optional<Id> vnet;
  std::optional<Protocol> protocol;
  std::vector<PortRange> ports;
  std::optional<Timestamp> from;   // not in force before
  std::optional<Timestamp> until;  // not in force from then on
  Verdict verdict = Verdict::deny;
  std::string comment;
  Timestamp created;
  friend bool operator==(const Policy&, const Policy&) = default;
};

enum class Role : std::uint8_t { read, admin };
[[nodiscard]] constexpr const char* to_string(Role role) {
  return role == Role::admin ? "admin" : "read";
}

// Opens the API to a program that comes by TCP.
struct ApiToken {
  Id id = 0;
  std::string name;
  SecretHash secret{};
  Role role = Role::read;
  std::optional<Timestamp> expires;
  Timestamp created;
  friend bool operator==(const ApiToken&, const ApiToken&) = default;
};

struct Settings {
  Verdict default_verdict = Verdict::allow;  // for a flow that no policy matches
  friend bool operator==(const Settings&, const Settings&) = default;
};

// Who changed what. `detail` is a JSON object without secrets.
struct AuditEntry {
  Id id = 0;
  Timestamp time;
  std::string actor;   // "uid 0 (root)", "token ci", "edge"
  std::string action;  // "tunnel.create"
  std::string object;  // "office"
  std::string detail;
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

}  // namespace oneping::control
