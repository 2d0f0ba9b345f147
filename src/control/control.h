// The control plane: what exists, who may change it how, and what the edge makes of it.
//
// A change is checked against what is there (names free, things named exist, nothing in use goes
// away), committed to the store, told to the running edge, and announced to listeners; in this
// order, so that what was acknowledged is on disk and in force. A change that the store refuses has
// not happened.
//
// Any thread may call; one change at a time. The store and the edge must outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "control/directory.h"
#include "control/event_hub.h"
#include "control/running_edge.h"
#include "control/store.h"
#include "quic/tls.h"

namespace oneping::control {

// What the edge says of itself.
struct EdgeFacts {
  std::string name;
  std::string version;
  std::vector<std::string> listen;
  quic::KeyPin ca_pin{};  // goes into tokens
};

struct ControlOptions {
  EdgeFacts edge;
  std::function<Timestamp()> now;  // the time of day
};

class Control {
 public:
  // Reads the store. The edge hears nothing before start().
  [[nodiscard]] static Result<std::unique_ptr<Control>> open(ControlOptions options, Store& store,
                                                             RunningEdge& edge, Random& random);
  ~Control();

  // What the edge begins with.
  [[nodiscard]] edge::Snapshot snapshot() const;

  // The identity of an ingress of the edge itself, made or brought up to date.
  struct Ingress {
    std::string device;
    std::string user;  // empty: nobody; an unknown one is made
    std::vector<std::string> tags;
    std::string vnet;  // must exist
  };
  [[nodiscard]] Result<edge::DeviceId> ensure_ingress(const Ingress& ingress);

  // A tunnel's health has changed: remembered (last_connected) and announced.
  void on_tunnel_health(const Uuid& tunnel, edge::TunnelHealth health);

  // Lets policies begin and end, and old tokens go. Call when next_deadline() is reached, and
  // whenever the clock was set.
  void on_time();
  [[nodiscard]] std::optional<Timestamp> next_deadline() const;

  [[nodiscard]] EventHub& events();

  // The rest, what the API asks for, is the implementer's.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping::control
