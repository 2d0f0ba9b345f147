// UDP by sessions of the tunnel protocol, for connectors that carry no whole UDP packets: a session
// for each flow, registered at the connector before its first payload leaves.
//
// While a registration is under way the flow's packets wait, in their order; when it is refused
// their client is told. A flow that moves to another connection takes its session along. Payloads
// come back with the session's id, which nobody can guess, and only on connections of the tunnel
// that it was registered with; what the connector sends becomes a packet again, whose hop limit
// nobody knows.
//
// No client takes more than half of the sessions, or of the places to wait in: what is beyond takes
// the place of his own that was idle, or is refused to him, and nobody else is hurt.
//
// The protocol has no way to say that a session has ended at the connector (v3). So one from which
// nothing is heard is registered again beside its payloads, which costs nothing when it is there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/counters.h"
#include "base/packet.h"
#include "base/random.h"
#include "edge/flow_key.h"
#include "edge/tunnel_table.h"
#include "edge/udp_idle_times.h"
#include "flow/entries.h"
#include "flow/hash_index.h"
#include "flow/index_list.h"
#include "wire/udp.h"

namespace oneping::edge {

class UdpSessionEvents {
 public:
  virtual ~UdpSessionEvents() = default;
  // What a session's connector sent, as the packet that it must have been.
  virtual void on_session_packet(LiveConnection& from, Packet packet, Time now) = 0;
  // A client's packet, as it came in, could not be sent on after all; whether he was told.
  virtual bool on_session_refused(const FlowKey& flow, const IpView& packet, DropReason reason,
                                  Time now) = 0;
};

class UdpSessions {
 public:
  struct Options {
    std::size_t max_sessions = 65536;
    std::size_t max_waiting = 1024;           // packets, of all sessions
    std::size_t max_waiting_of_session = 64;  // of one
    UdpIdleTimes idle = {};
    std::uint64_t seed = 0;
  };

  // All references must outlive it.
  UdpSessions(const Options& options, TunnelTable& tunnels, PacketPool& pool, Random& random,
              UdpSessionEvents& events);

  // Sends a whole UDP packet of that flow by that connection, or keeps it until it can be sent.
  // Refusals: session_refused (a moment ago), flow_table_full, device_flow_limit (the client has
  // his half), queue_full, and the connection's.
  [[nodiscard]] std::optional<DropReason> send(const FlowKey& flow, ConnectionRef connection,
                                               Packet& packet, Time now);
  // The largest packet of that family that send() takes for a connection, in bytes.
  [[nodiscard]] static std::size_t max_packet_size(const LiveConnection& connection,
                                                   IpFamily family);

  // What comes from connectors.
  void on_answer(LiveConnection& from, const Uuid& session, const tunnel::UdpAnswer& answer,
                 Time now);
  void on_payload(LiveConnection& from, const Uuid& session, Bytes payload, Time now);
  void on_end(LiveConnection& from, const Uuid& session, Time now);

  // Asks again, gives up, ends what is idle. At every tick.
  void on_time(Time now);

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }  // packets
  // Packets of clients; held are those that wait.
  [[nodiscard]] const StageCounters& counters() const { return counters_; }
  // Payloads of connectors that were no live session's, or made no packet.
  [[nodiscard]] const StageCounters& payload_counters() const { return payloads_; }

 private:
  using Place = HashIndex::Position;
  static constexpr Place kNone = HashIndex::kNone;
  // The first is for DNS.
  static constexpr std::size_t kIdleClasses = 2;

  enum class State : std::uint8_t {
    registering,  // packets wait
    open,
    refused,  // for a moment: no packet is taken
  };

  struct Session {
    Uuid id{};
    FlowKey flow;
    ConnectionRef connection;
    TunnelRef tunnel;
    State state = State::registering;
    DropReason refusal = DropReason::session_refused;
    std::uint8_t tries = 0;  // of the registration under way
    Time since{};            // when it came into its state, or was last asked for
    Time last_used{};
    Time last_heard{};
    std::vector<Packet> waiting;
    bool first_came_along = false;  // the first of them, with the registration
    ListLinks by_age;
    ListLinks unsettled;
  };

  // What one client has of what all share.
  struct Share {
    std::size_t sessions = 0;
    std::size_t waiting = 0;
  };
  struct HashClient {
    std::uint64_t seed;
    std::size_t operator()(const IpAddress& client) const { return hash_of(client, seed); }
  };

  [[nodiscard]] Place find(const FlowKey& flow) const;
  [[nodiscard]] Place find(const LiveConnection& from, const Uuid& id) const;
  [[nodiscard]] bool is_at(const Session& session, const LiveConnection& connection) const {
    return tunnels_.connections().find(session.connection) == &connection;
  }
  // Why there can be no new session for that client, after what can make room has made it.
  [[nodiscard]] std::optional<DropReason> make_room(const IpAddress& client, Time now);
  // The one unused for longest, of that client or of all, if that is long enough.
  [[nodiscard]] bool evict(const IpAddress* client, Time now);
  [[nodiscard]] std::vector<Packet> take_waiting(Session& session);
  [[nodiscard]] Place begin(const FlowKey& flow, Time now);
  [[nodiscard]] std::optional<DropReason> send_by(Place place, LiveConnection& connection,
                                                  Packet& packet, Time now);
  [[nodiscard]] std::optional<DropReason> keep(Session& session, Packet& packet);
  // Registers it at its connection, from the beginning.
  void register_at(Place place, ConnectionRef ref, LiveConnection& connection, Time now);
  void leave(const Session& session, const LiveConnection& to);
  void ask(Session& session, LiveConnection& connection, Time now);
  void pass(const Session& session, LiveConnection& connection, Packet packet, Time now);
  void open(Place place, LiveConnection& connection, Time now);
  void refuse(Place place, DropReason reason, Time now);
  void look_after(Place place, Time now);
  void set_state(Place place, State state, Time now);
  void touch(Place place, Time now);
  void end(Place place, std::string_view why);
  void forget(Place place);
  [[nodiscard]] std::size_t idle_class(const FlowKey& flow) const {
    return flow.port == kDnsPort ? 0 : 1;
  }
  [[nodiscard]] auto ids() const {
    return [this](Place place) { return hash_of_id(sessions_[place].id); };
  }
  [[nodiscard]] auto flows() const {
    return [this](Place place) { return hash_of(sessions_[place].flow, options_.seed); };
  }
  [[nodiscard]] auto ages() {
    return [this](Place place) -> ListLinks& { return sessions_[place].by_age; };
  }
  [[nodiscard]] auto unsettled() {
    return [this](Place place) -> ListLinks& { return sessions_[place].unsettled; };
  }
  // Ids are ours, and random.
  [[nodiscard]] static std::size_t hash_of_id(const Uuid& id) { return load_be64(id.data()); }

  Options options_;
  TunnelTable& tunnels_;
  PacketPool& pool_;
  Random& random_;
  UdpSessionEvents& events_;
  Entries<Session> sessions_;
  HashIndex by_id_;
  HashIndex by_flow_;
  std::array<IndexList, kIdleClasses> by_age_;
  std::unordered_map<IpAddress, Share, HashClient> shares_;  // of clients with sessions
  IndexList unsettled_;  // registering or refused: looked after at every tick
  std::size_t waiting_ = 0;
  std::uint16_t identification_;  // of the next IPv4 packet
  StageCounters counters_;
  StageCounters payloads_;
};

}  // namespace oneping::edge
