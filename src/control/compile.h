// Makes of what the directory holds what the packet path uses. A snapshot has parts, and a change
// makes only those anew that it touches: adding a route leaves the policies' pointer as it is, by
// which the edge sees that its flows need no new verdict. Pure.
//
// Policies have a time of day, which no packet asks for: those not in force are left out, and
// next_deadline() says when that changes. The same goes for the token that a tunnel had before.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>

#include "control/directory.h"
#include "edge/snapshot.h"

namespace oneping::control {

// What changes do to a snapshot.
struct Touched {
  bool tunnels = false;     // and with them all routes
  Directory::Ids networks;  // virtual networks with other routes
  bool policies = false;
  Directory::Ids identities;  // devices
  [[nodiscard]] bool routing() const { return tunnels || !networks.empty(); }
};

// `before` is the directory that the changes have not yet been applied to.
[[nodiscard]] Touched touched_by(std::span<const Change> changes, const Directory& before);

// The virtual network as the packet path numbers it.
[[nodiscard]] NetworkId network_of(Id vnet);

// Policies as they are in force at a time, by position.
[[nodiscard]] PolicyTable compile_policies(const Directory& directory, Timestamp at);

[[nodiscard]] edge::Identity compile_identity(const Device& device, const Directory& directory);

class SnapshotMaker {
 public:
  SnapshotMaker(const Directory& directory, Timestamp now);

  // After a change.
  void update(const Directory& directory, const Touched& touched, Timestamp now);
  // As time passes, or the clock was set back. True: the snapshot is another.
  bool on_time(const Directory& directory, Timestamp now);

  // When time changes it next, without any change to the directory.
  [[nodiscard]] std::optional<Timestamp> next_deadline() const;
  [[nodiscard]] const edge::Snapshot& snapshot() const { return snapshot_; }

 private:
  // What was made at `from` is right until then.
  struct Validity {
    Timestamp from;
    std::optional<Timestamp> until;
    [[nodiscard]] bool covers(Timestamp now) const {
      return from <= now && (!until || now < *until);
    }
  };

  void make_routing(const Directory& directory, const Touched& touched, Timestamp now);
  void make_policies(const Directory& directory, Timestamp now);
  void make_identities(const Directory& directory, const Directory::Ids& devices);

  edge::Snapshot snapshot_;
  Validity routing_;
  Validity policies_;
};

}  // namespace oneping::control
