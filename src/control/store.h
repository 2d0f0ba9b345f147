// Keeps the control plane's memory on disk. The program reads it once, at start, and from then on
// answers from its own copy (control/directory.h); every change is committed here before it counts.
//
// One process at a time owns a store. Calls come from one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "control/model.h"

namespace oneping::control {

enum class Kind : std::uint8_t {
  vnet,
  tunnel,
  route,
  user,
  group,
  enrolment_key,
  device,
  policy,
  api_token
};

struct Erase {
  Kind kind = Kind::route;
  Id id = 0;
};

// A value that is new, or takes the place of the one with its id; or one to forget.
using Change = std::variant<Vnet, Tunnel, Route, User, Group, EnrolmentKey, Device, Policy,
                            ApiToken, Settings, Erase>;

// Everything but the audit log. Values in the order of their ids; policies too.
struct Contents {
  std::vector<Vnet> vnets;
  std::vector<Tunnel> tunnels;
  std::vector<Route> routes;
  std::vector<User> users;
  std::vector<Group> groups;
  std::vector<EnrolmentKey> enrolment_keys;
  std::vector<Device> devices;
  std::vector<Policy> policies;
  std::vector<ApiToken> api_tokens;
  Settings settings;
  Id last_id = kDefaultVnet;  // the highest that was ever given to any of them
  friend bool operator==(const Contents&, const Contents&) = default;
};

// The audit log keeps the newest entries.
inline constexpr std::int64_t kMaxAuditEntries = 100'000;

struct AuditQuery {
  std::optional<Id> before;  // only older entries
  std::optional<Timestamp> since;
  std::string action;  // empty: any; "tunnel." : all that begin so
  std::string object;  // empty: any
  std::size_t limit = 100;
};

class Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual Result<Contents> load() = 0;

  // All of the changes and the entry, or nothing. When it returns without an error they survive a
  // crash of the process and of the machine. `entry.id` is ignored and given by the store. Ids in
  // `changes` above last_id raise it. They count together, in whatever order, so that two things
  // may swap names; of several for one id the last counts. It is an error if afterwards something
  // refers to what is not there, names, UUIDs or a network's prefixes are not unique, or the
  // policies' positions leave a gap; and to erase the default network, or what is not there.
  [[nodiscard]] virtual Result<void> commit(std::span<const Change> changes,
                                            const AuditEntry& entry) = 0;

  // Newest first.
  [[nodiscard]] virtual Result<std::vector<AuditEntry>> audit(const AuditQuery& query) = 0;

  // A consistent copy in a new file at `path`, mode 0600; an existing file is an error. Takes a
  // while for a large store, during which commits wait.
  [[nodiscard]] virtual Result<void> backup(const std::string& path) = 0;
};

// SQLite in a file, made if it is not there, with write-ahead log and full synchronisation. A file
// that is damaged, is no store, was written by a newer version or is in use by another process is
// an error that says so, and is left as it is.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);

}  // namespace oneping::control
