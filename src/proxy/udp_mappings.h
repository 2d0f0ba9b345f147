// The UDP proxy's memory: NAT with endpoint-independent mapping (RFC 4787, REQ-1). A mapping is a
// socket of ours that stands for one port of one client, wherever he sends. A flow is a mapping and
// one remote address and port that its owner has sent to: what comes from anywhere else finds no
// flow (address-and-port-dependent filtering, REQ-8).
//
// A flow is forgotten when nothing has gone through it, either way, for its idle time; a mapping
// lives while it has flows. When there is no more room, the mapping (or flow) that has been idle
// longest makes some, if it was idle long enough, or else the new one is refused: nobody who is at
// work is hurt. That is two minutes (REQ-5), but for mappings that have spoken to DNS servers only:
// there two seconds are, since a resolver takes a new port for each of its questions.
//
// A mapping and a flow together take about 250 bytes, beside the system's socket. Memory grows to
// what was needed and stays.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "flow/entries.h"
#include "flow/hash_index.h"
#include "flow/index_list.h"
#include "proxy/udp_backend.h"
#include "proxy/udp_owner.h"

namespace oneping {

struct UdpMappingOptions {
  std::size_t max_mappings = 50'000;  // and no more than the backend has sockets
  std::optional<std::size_t> max_mappings_per_client = {};  // half of what all may have
  std::size_t max_flows = 262'144;
  std::optional<std::size_t> max_flows_per_client = {};  // half likewise
  Duration idle = std::chrono::minutes(5);               // REQ-5: recommended
  Duration dns_idle = std::chrono::seconds(30);          // REQ-5a allows less for such ports
  Duration evict_after = std::chrono::minutes(2);
  Duration dns_evict_after = std::chrono::seconds(2);
};

// What a flow's last datagram was like as its client sent it: what is needed to quote it.
struct UdpSent {
  std::uint32_t label = 0;  // IPv4's identification, IPv6's flow label
  std::uint16_t checksum = 0;
  std::uint16_t payload_size = 0;
  std::uint8_t hop_limit = 0;  // as it left here
  std::uint8_t traffic_class = 0;
  bool dont_fragment = false;
};

class UdpMappingEvents {
 public:
  virtual ~UdpMappingEvents() = default;
  // A mapping has closed of itself: it was idle, or made room. Nothing of it is left.
  virtual void on_mapping_over(const UdpOwner& owner, std::uint8_t tag) = 0;
};

class UdpMappings {
 public:
  using Place = HashIndex::Position;
  static constexpr Place kNone = HashIndex::kNone;

  struct Flow {
    SocketAddress remote;
    Place mapping = kNone;  // which is also its socket
    UdpSent sent;
    std::uint8_t errors = 0;  // that have come about what was sent last

   private:
    friend class UdpMappings;
    std::uint8_t idle_class = 0;
    Time last_used{};
    ListLinks by_age;
    ListLinks in_mapping;
  };

  struct Mapping {
    UdpOwner owner;
    std::uint8_t tag = 0;  // where its owner's datagrams come from; means nothing here

   private:
    friend class UdpMappings;
    bool is_for_dns = false;  // alone, so far
    Place client = kNone;
    Time last_used{};
    IndexList flows;
    ListLinks by_age;
    ListLinks in_client;
  };

  // `backend` and `events` must outlive it.
  UdpMappings(const UdpMappingOptions& options, UdpBackend& backend, UdpMappingEvents& events,
              std::uint64_t seed);
  ~UdpMappings();
  UdpMappings(const UdpMappings&) = delete;
  UdpMappings& operator=(const UdpMappings&) = delete;

  // The flow of an owner to `remote`, used now; with its mapping, opened if need be. A session says
  // how long it may be idle, which is rounded up. Refusals: flow_table_full, device_flow_limit, and
  // the backend's. References to other flows and mappings are no longer good.
  [[nodiscard]] tl::expected<Place, DropReason> use(const UdpOwner& owner,
                                                    const SocketAddress& remote,
                                                    std::optional<Duration> idle, Time now);
  // The live flow by which something from `remote` came to that socket; kNone.
  [[nodiscard]] Place find(UdpSocketId socket, const SocketAddress& remote, Time now) const;
  // An owner's mapping; kNone. A session's has one flow, only_flow().
  [[nodiscard]] Place find(const UdpOwner& owner) const;
  [[nodiscard]] Place only_flow(Place mapping) const { return mappings_[mapping].flows.front(); }
  [[nodiscard]] bool is_live(Place flow, Time now) const;

  [[nodiscard]] Flow& flow(Place place) { return flows_[place]; }
  [[nodiscard]] Mapping& mapping(Place place) { return mappings_[place]; }
  [[nodiscard]] Mapping& mapping_of(const Flow& flow) { return mappings_[flow.mapping]; }

  // Something went through it.
  void touch(Place flow, Time now);
  // Closes a mapping and forgets its flows.
  void close(Place mapping);

  // Forgets what is idle: a bounded number, so call again while next_deadline() is due.
  void expire(Time now);
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] std::size_t capacity() const { return options_.max_mappings; }
  [[nodiscard]] std::size_t mappings() const { return mappings_.size(); }
  [[nodiscard]] std::size_t flows() const { return flows_.size(); }
  [[nodiscard]] std::size_t memory() const;                         // bytes, without the system's
  [[nodiscard]] std::uint64_t opened() const { return opened_; }    // mappings
  [[nodiscard]] std::uint64_t expired() const { return expired_; }  // flows
  // Mappings and flows that had to go before their time.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  // The first is for DNS. Sessions ask for others.
  static constexpr std::size_t kIdleClasses = 6;

  // Mappings in the order of their last use: those for DNS alone, and all others.
  using ByAge = std::array<IndexList, 2>;

  // Whoever has one address. Sessions are all one client, without limits of his own.
  struct Client {
    IpAddress address;
    std::size_t flows = 0;
    ByAge mappings;
    [[nodiscard]] std::size_t size() const { return mappings[0].size() + mappings[1].size(); }
  };

  [[nodiscard]] std::size_t idle_class_for(const SocketAddress& remote,
                                           std::optional<Duration> idle) const;
  [[nodiscard]] Place find_flow(Place mapping, const SocketAddress& remote) const;
  [[nodiscard]] Place find_client(const IpAddress& address) const;
  [[nodiscard]] std::optional<DropReason> make_room_for_flow(const UdpOwner& owner, Time now);
  [[nodiscard]] std::optional<DropReason> make_room_for_mapping(const UdpOwner& owner, Time now);
  // The one unused for longest, of that client or of all, if that is long enough.
  [[nodiscard]] bool evict_flow(Place client, Time now);
  [[nodiscard]] bool evict_mapping(const ByAge& mappings, Time now);
  [[nodiscard]] tl::expected<Place, DropReason> open_mapping(const UdpOwner& owner, IpFamily family,
                                                             bool is_for_dns, Time now);
  Place add_flow(Place mapping, const SocketAddress& remote, std::size_t idle_class, Time now);
  void make_general(Place mapping);
  void let_go(Place flow);
  void forget(Place flow);
  void close_if_unused(Place mapping);

  [[nodiscard]] std::size_t hash_of_flow(Place mapping, const SocketAddress& remote) const;
  // What indices and lists ask for.
  [[nodiscard]] auto mapping_hashes() const {
    return [this](Place place) { return hash_of(mappings_[place].owner, seed_); };
  }
  [[nodiscard]] auto flow_hashes() const {
    return [this](Place p) { return hash_of_flow(flows_[p].mapping, flows_[p].remote); };
  }
  [[nodiscard]] auto client_hashes() const {
    return [this](Place place) { return hash_of(clients_[place].address, seed_); };
  }
  [[nodiscard]] auto mapping_ages() {
    return [this](Place place) -> ListLinks& { return mappings_[place].by_age; };
  }
  [[nodiscard]] auto mappings_of_client() {
    return [this](Place place) -> ListLinks& { return mappings_[place].in_client; };
  }
  [[nodiscard]] auto flow_ages() {
    return [this](Place place) -> ListLinks& { return flows_[place].by_age; };
  }
  [[nodiscard]] auto flows_of_mapping() {
    return [this](Place place) -> ListLinks& { return flows_[place].in_mapping; };
  }

  UdpMappingOptions options_;  // as they are here: max_mappings no more than there are sockets
  std::size_t max_mappings_per_client_;
  std::size_t max_flows_per_client_;
  std::array<Duration, kIdleClasses> idle_times_;  // the shortest first
  UdpBackend& backend_;
  UdpMappingEvents& events_;
  std::uint64_t seed_;
  Entries<Mapping> mappings_;
  Entries<Flow> flows_;
  Entries<Client> clients_;
  HashIndex mapping_index_;
  HashIndex flow_index_;
  HashIndex client_index_;
  ByAge mappings_by_age_;
  std::array<IndexList, kIdleClasses> flows_by_age_;
  std::uint64_t opened_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace oneping
