#include "control/control.h"

#include "base/hex.h"
#include "base/log.h"
#include "control/devices.h"
#include "control/people.h"
#include "control/rules.h"

namespace oneping::control {

namespace {

constexpr const char* kEdgeActor = "edge";
// So often, at most, a tunnel that comes and goes makes the store write down when.
constexpr std::chrono::minutes kWriteConnectedEvery{10};

std::uint64_t first_event_id(Timestamp started) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::microseconds>(started.time_since_epoch());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, since_epoch.count()));
}

// Of this edge alone: a browser keeps the cookies of all ports of a host together.
std::string cookie_name(const EdgeFacts& edge) {
  return "oneping-" + to_hex(Bytes(edge.ca_pin).first(4));
}

}  // namespace

Result<std::unique_ptr<Control>> Control::open(ControlOptions options, Store& store,
                                               RunningEdge& edge, Random& random) {
  const auto contents = store.load();
  if (!contents) return tl::make_unexpected(contents.error());
  return std::unique_ptr<Control>(new Control(std::move(options), store, edge, random, *contents));
}

Control::Control(ControlOptions options, Store& store, RunningEdge& edge, Random& random,
                 const Contents& contents)
    : options_(std::move(options)),
      store_(store),
      edge_(edge),
      random_(random),
      started_(options_.now()),
      events_(first_event_id(started_)),
      sign_ins_(cookie_name(options_.edge)),
      directory_(contents),
      snapshot_(directory_, started_) {
  for (const auto& [id, tunnel] : directory_.tunnels().all()) {
    if (tunnel.last_connected) connected_written_[id] = *tunnel.last_connected;
  }
}

Control::~Control() = default;

edge::Snapshot Control::snapshot() const {
  const std::shared_lock lock(state_mutex_);
  return snapshot_.snapshot();
}

void Control::start() {
  const std::lock_guard turn(turn_);
  edge_runs_ = true;
}

Outcome<Id> Control::change(const std::string& actor, const Planner& planner) {
  const std::lock_guard turn(turn_);
  Draft draft(directory_, now(), random_);
  auto id = planner(draft);
  if (!id || draft.changes().empty()) return id;

  const AuditEntry entry{.id = 0,
                         .time = draft.now,
                         .actor = actor,
                         .action = draft.action(),
                         .object = draft.object(),
                         .detail = to_text(draft.detail())};
  if (const auto done = commit(draft.changes(), entry); !done) {
    log::error("{} of {} is refused by the store: {}", entry.action, entry.object,
               done.error().message);
    return refuse(RefusalKind::broken,
                  "nothing has changed, for the store did not take it: " + done.error().message);
  }
  log::info("{}: {} {}", actor, entry.action, entry.object);
  const bool edge_is_concerned = take_up(draft.changes(), draft.now);
  const auto told = edge_is_concerned ? tell_edge() : Result<void>();
  announce(entry.action, entry.time, entry.object, actor, draft.detail());
  if (told) return id;
  return refuse(RefusalKind::unavailable, "the change is kept: " + told.error().message);
}

// What the store has, the directory gets; the snapshot is made without keeping readers waiting.
bool Control::take_up(std::span<const Change> changes, Timestamp now) {
  const Touched touched = touched_by(changes, directory_);
  for (const Change& change : changes) {
    const auto* gone = std::get_if<Erase>(&change);
    if (gone != nullptr && gone->kind == Kind::tunnel) connected_written_.erase(gone->id);
  }
  {
    const std::unique_lock lock(state_mutex_);
    directory_.apply(changes);
  }
  SnapshotMaker next = snapshot_;
  next.update(directory_, touched, now);
  const std::unique_lock lock(state_mutex_);
  snapshot_ = std::move(next);
  return touched.routing() || touched.policies || !touched.identities.empty();
}

Result<void> Control::commit(std::span<const Change> changes, const AuditEntry& entry) {
  const std::lock_guard lock(store_mutex_);
  const Time begun = clock();
  auto done = store_.commit(changes, entry);
  if (options_.clock) commits_.record(clock() - begun);
  return done;
}

Result<void> Control::tell_edge() {
  if (!edge_runs_) return {};
  auto told = edge_.apply(snapshot_.snapshot());
  if (!told) log::warn("a change is not in force yet: {}", told.error().message);
  return told;
}

void Control::announce(const std::string& name, Timestamp time, const std::string& object,
                       const std::string& actor, Json detail) {
  events_.publish(name, to_text({{"time", timestamp_text(time)},
                                 {"object", object},
                                 {"actor", actor},
                                 {"detail", std::move(detail)}}));
}

Result<edge::DeviceId> Control::ensure_ingress(const Ingress& ingress) {
  const auto failed = [&](const Refusal& refusal) {
    return fail("the ingress " + in_quotes(ingress.device) + ": " + refusal.detail);
  };
  DeviceInput input;
  input.name = ingress.device;
  input.tags = ingress.tags;
  input.vnet = Reference{ingress.vnet};
  input.user = std::optional<Reference>();
  if (!ingress.user.empty()) {
    input.user = Reference{ingress.user};
    const auto user = change(kEdgeActor, [&](Draft& draft) -> Outcome<Id> {
      if (const User* known = find<User>(draft.directory, {ingress.user})) return known->id;
      return create_user(draft, {.name = ingress.user, .comment = {}});
    });
    if (!user) return failed(user.error());
  }
  const auto device = change(kEdgeActor, [&](Draft& draft) {
    Directory::Ids spare;
    for (const auto& [id, known] : draft.directory.devices().all()) {
      if (known.kind == DeviceKind::ingress && !ingresses_.contains(id)) spare.insert(id);
    }
    auto id = control::ensure_ingress(draft, input, spare);
    if (id) ingresses_.insert(*id);
    return id;
  });
  if (!device) return failed(device.error());
  return *device;
}

void Control::record(const std::string& actor, const std::string& action, const std::string& object,
                     Json detail) {
  const std::lock_guard turn(turn_);
  const AuditEntry entry{.id = 0,
                         .time = now(),
                         .actor = actor,
                         .action = action,
                         .object = object,
                         .detail = to_text(detail)};
  if (const auto done = commit({}, entry); !done) {
    log::error("{} of {} is not in the audit log: {}", action, object, done.error().message);
  }
  log::info("{}: {} {}", actor, action, object);
  announce(action, entry.time, object, actor, std::move(detail));
}

Secret Control::fresh_secret() {
  const std::lock_guard turn(turn_);  // of the generator too
  return random_secret(random_);
}

void Control::on_tunnel_health(const Uuid& uuid, edge::TunnelHealth health) {
  tunnel_history_.on_health(uuid, health);
  const char* event = nullptr;
  switch (health) {
    case edge::TunnelHealth::inactive: return;
    case edge::TunnelHealth::down: event = "tunnel.down"; break;
    case edge::TunnelHealth::degraded: event = "tunnel.degraded"; break;
    case edge::TunnelHealth::healthy: event = "tunnel.up"; break;
  }
  const std::lock_guard turn(turn_);
  const Tunnel* known = directory_.find_tunnel(uuid);
  if (known == nullptr) return;  // deleted meanwhile
  Tunnel tunnel = *known;
  tunnel.last_connected = now();
  // Down for long, perhaps: its time must be right after a restart too.
  remember_connected(tunnel, health == edge::TunnelHealth::down);
  announce(event, *tunnel.last_connected, tunnel.name, kEdgeActor, Json::object());
}

// In memory at once, for answers and for the next write of this tunnel; in the store only now and
// then.
void Control::remember_connected(const Tunnel& tunnel, bool write) {
  const Change change = tunnel;
  const Timestamp time = *tunnel.last_connected;
  const auto written = connected_written_.find(tunnel.id);
  if (write || written == connected_written_.end() ||
      time - written->second >= kWriteConnectedEvery) {
    const AuditEntry entry{.id = 0,
                           .time = time,
                           .actor = kEdgeActor,
                           .action = "tunnel.update",
                           .object = tunnel.name,
                           .detail = to_text({{"last_connected", timestamp_text(time)}})};
    if (const auto done = commit({&change, 1}, entry); !done) {
      log::warn("when tunnel {} was connected is not written down: {}", tunnel.name,
                done.error().message);
      return;
    }
    connected_written_[tunnel.id] = time;
  }
  (void)take_up({&change, 1}, time);
}

void Control::on_devices_online(const std::map<edge::DeviceId, bool>& devices) {
  const std::lock_guard turn(turn_);
  const Timestamp time = now();
  std::vector<Device> seen;
  for (const auto& [id, is_online] : devices) {
    const Device* known = directory_.devices().find(id);
    if (known == nullptr) continue;  // deleted meanwhile
    seen.push_back(*known);
    seen.back().last_seen = time;
  }
  if (seen.empty()) return;
  remember_seen(seen, time);
  for (const Device& device : seen) {
    announce(devices.at(device.id) ? "device.online" : "device.offline", time, device.name,
             kEdgeActor, Json::object());
  }
}

// As for tunnels, but many at once: all devices go when the edge stops, and come when it is back.
void Control::remember_seen(const std::vector<Device>& devices, Timestamp time) {
  std::vector<Change> all(devices.begin(), devices.end());
  std::vector<Change> due;
  Json names = Json::array();
  for (const Device& device : devices) {
    const auto written = seen_written_.find(device.id);
    if (written != seen_written_.end() && time - written->second < kWriteConnectedEvery) continue;
    due.emplace_back(device);
    if (names.size() < kMaxInList) names.push_back(device.name);
  }
  if (!due.empty()) {
    const AuditEntry entry{.id = 0,
                           .time = time,
                           .actor = kEdgeActor,
                           .action = "device.seen",
                           .object = due.size() == 1 ? names[0].get<std::string>() : "",
                           .detail = to_text({{"devices", names}})};
    if (const auto done = commit(due, entry); !done) {
      log::warn("when devices were seen is not written down: {}", done.error().message);
      return;
    }
    for (const Change& change : due) seen_written_[std::get<Device>(change).id] = time;
  }
  (void)take_up(all, time);
}

void Control::on_time() {
  const std::lock_guard turn(turn_);
  SnapshotMaker next = snapshot_;
  if (!next.on_time(directory_, now())) return;
  {
    const std::unique_lock lock(state_mutex_);
    snapshot_ = std::move(next);
  }
  (void)tell_edge();  // which has logged why not
}

void Control::sample_tunnels() {
  if (!tunnel_history_.is_due(now())) return;
  if (const auto live = live_tunnels()) tunnel_history_.sample(*live, now());
}

std::optional<Timestamp> Control::next_deadline() const {
  const std::shared_lock lock(state_mutex_);
  return snapshot_.next_deadline();
}

Outcome<LiveTunnels> Control::live_tunnels() {
  auto tunnels = edge_.tunnels();
  if (!tunnels) return edge_is_silent();
  LiveTunnels live;
  for (auto& tunnel : *tunnels) live.emplace(tunnel.id, std::move(tunnel));
  return live;
}

Outcome<LiveSessions> Control::live_sessions() {
  auto sessions = edge_.sessions();
  if (!sessions) return edge_is_silent();
  return by_device(std::move(*sessions));
}

Outcome<std::size_t> Control::flows() {
  const auto flows = edge_.flows();
  if (!flows) return edge_is_silent();
  return *flows;
}

Outcome<edge::PathCheckRef> Control::start_path(const edge::PathQuestion& question) {
  const auto started = edge_.start_path(question);
  if (!started) return refuse(RefusalKind::unavailable, started.error().message);
  return *started;
}

Outcome<edge::PathReport> Control::path_report(edge::PathCheckRef check) {
  auto report = edge_.path_report(check);
  if (!report) return refuse(RefusalKind::unavailable, report.error().message);
  return std::move(*report);
}

Result<std::vector<IpAddress>> Control::resolve(const std::string& name) const {
  if (!options_.resolve) return fail("this edge resolves no names");
  return options_.resolve(name);
}

tl::unexpected<Refusal> Control::edge_is_silent() {
  return refuse(RefusalKind::unavailable,
                "the edge does not answer now: try again, and look at its log");
}

Outcome<std::vector<AuditEntry>> Control::audit(const AuditQuery& query) {
  const std::lock_guard lock(store_mutex_);
  auto entries = store_.audit(query);
  if (!entries) return refuse(RefusalKind::broken, entries.error().message);
  return *entries;
}

Outcome<std::string> Control::backup() {
  std::array<std::uint8_t, 8> name;
  std::string path;
  {
    const std::lock_guard turn(turn_);
    random_.fill(name);
    path = options_.backup_folder + "/backup-" + to_hex(name) + ".db";
  }
  const std::lock_guard lock(store_mutex_);
  if (const auto done = store_.backup(path); !done) {
    return refuse(RefusalKind::broken, done.error().message);
  }
  return path;
}

}  // namespace oneping::control
