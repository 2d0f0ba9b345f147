// The control plane: what exists, who may change it how, and what the edge makes of it.
//
// A change is checked against what is there (names free, things named exist, nothing in use goes
// away), committed to the store, told to the running edge, and announced to listeners; in this
// order, so that what was acknowledged is on disk and in force. A change that the store refuses has
// not happened.
//
// Any thread may call but the edge's loop, which a call may have to wait for; one change at a time.
// The store, the edge and the generator must outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/fair_mutex.h"
#include "base/histogram.h"
#include "base/random.h"
#include "control/compile.h"
#include "control/directory.h"
#include "control/draft.h"
#include "control/event_hub.h"
#include "control/flow_feed.h"
#include "control/outcome.h"
#include "control/running_edge.h"
#include "control/secret_text.h"
#include "control/session_state.h"
#include "control/sign_ins.h"
#include "control/store.h"
#include "control/tunnel_history.h"
#include "control/tunnel_state.h"
#include "quic/peer_certificate.h"

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
  std::function<Time()> clock;     // that never goes back, for latencies; none: they are not taken
  std::string backup_folder;       // copies are made here, to be sent and removed
  // The addresses of a host's name, at least one, or why there is none; may take its time.
  std::function<Result<std::vector<IpAddress>>(const std::string& name)> resolve;
  // Where the edge's verdicts come from.
  std::shared_ptr<FlowFeed> flow_feed = std::make_shared<FlowFeed>();
};

class Control {
 public:
  // Reads the store. The edge hears nothing before start().
  [[nodiscard]] static Result<std::unique_ptr<Control>> open(ControlOptions options, Store& store,
                                                             RunningEdge& edge, Random& random);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // What the edge begins with.
  [[nodiscard]] edge::Snapshot snapshot() const;
  // It has begun, with snapshot(): from now on it hears of each change, and may be asked.
  void start();

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

  // Devices have come (true) or gone: remembered (last_seen) and announced.
  void on_devices_online(const std::map<edge::DeviceId, bool>& devices);

  // Lets policies begin and end, and old tokens go. Call when next_deadline() is reached, and
  // whenever the clock was set; it costs nothing when nothing is due. A change may bring the
  // deadline nearer.
  void on_time();
  // Looks how tunnels are, for their history, when it is time to; the edge is asked.
  void sample_tunnels();
  [[nodiscard]] std::optional<Timestamp> next_deadline() const;

  [[nodiscard]] EventHub& events() { return events_; }
  [[nodiscard]] FlowFeed& flow_feed() { return *options_.flow_feed; }
  [[nodiscard]] SignIns& sign_ins() { return sign_ins_; }
  [[nodiscard]] const TunnelHistory& tunnel_history() const { return tunnel_history_; }

  // How long the store took to commit.
  [[nodiscard]] LatencyHistogram::Counts commit_latencies() const { return commits_.counts(); }

  // What follows is for the API.

  // Carries out what the planner drafts (see draft.h); an empty draft changes nothing. The
  // planner's refusal, or id, comes back. A refusal as unavailable says that the change is kept but
  // that the edge does not act by it yet.
  using Planner = std::function<Outcome<Id>(Draft&)>;
  [[nodiscard]] Outcome<Id> change(const std::string& actor, const Planner& planner);

  // Tells the audit log, and listeners, of what changes nothing that is kept. It has happened
  // already: where the store refuses, the program's log says so.
  void record(const std::string& actor, const std::string& action, const std::string& object,
              Json detail);
  [[nodiscard]] Secret fresh_secret();

  // Hands what exists to `look`, which must not keep references to it; nothing changes meanwhile.
  template <typename Look>
  auto read(Look look) const {
    const std::shared_lock lock(state_mutex_);
    return look(directory_);
  }

  // As the edge sees them now. Unavailable if its loop does not answer.
  [[nodiscard]] Outcome<LiveTunnels> live_tunnels();
  [[nodiscard]] Outcome<LiveSessions> live_sessions();
  [[nodiscard]] Outcome<std::size_t> flows();
  // See RunningEdge. Unavailable if the edge does not do it.
  [[nodiscard]] Outcome<edge::PathCheckRef> start_path(const edge::PathQuestion& question);
  [[nodiscard]] Outcome<edge::PathReport> path_report(edge::PathCheckRef check);
  void stop_path(edge::PathCheckRef check) { edge_.stop_path(check); }
  [[nodiscard]] Result<std::vector<IpAddress>> resolve(const std::string& name) const;

  [[nodiscard]] Outcome<std::vector<AuditEntry>> audit(const AuditQuery& query);
  // The path of a consistent copy of the store; whoever asks for it removes it.
  [[nodiscard]] Outcome<std::string> backup();

  [[nodiscard]] const EdgeFacts& facts() const { return options_.edge; }
  [[nodiscard]] Timestamp started() const { return started_; }
  [[nodiscard]] Timestamp now() const { return options_.now(); }
  [[nodiscard]] Time clock() const { return options_.clock ? options_.clock() : Time{}; }

 private:
  Control(ControlOptions options, Store& store, RunningEdge& edge, Random& random,
          const Contents& contents);

  [[nodiscard]] Result<void> commit(std::span<const Change> changes, const AuditEntry& entry);
  // The directory, and the snapshot as far as it is concerned. True: the snapshot has changed.
  bool take_up(std::span<const Change> changes, Timestamp now);
  [[nodiscard]] Result<void> tell_edge();
  void announce(const std::string& name, Timestamp time, const std::string& object,
                const std::string& actor, Json detail);
  void remember_connected(const Tunnel& tunnel, bool write);
  void remember_seen(const std::vector<Device>& devices, Timestamp time);
  [[nodiscard]] static tl::unexpected<Refusal> edge_is_silent();

  const ControlOptions options_;
  Store& store_;
  RunningEdge& edge_;
  Random& random_;
  const Timestamp started_;
  EventHub events_;
  SignIns sign_ins_;
  TunnelHistory tunnel_history_;
  LatencyHistogram commits_;

  std::mutex turn_;  // held for the whole of a change; the state may be read without the other
  std::mutex store_mutex_;               // for each call of the store
  mutable FairSharedMutex state_mutex_;  // the directory and the snapshot, for a moment
  Directory directory_;
  SnapshotMaker snapshot_;
  bool edge_runs_ = false;                     // under turn_, like what follows
  std::map<Id, Timestamp> connected_written_;  // last_connected of tunnels as the store has it
  std::map<Id, Timestamp> seen_written_;       // last_seen of devices
  Directory::Ids ingresses_;                   // those named since the start
};

}  // namespace oneping::control
