#include "proxy/udp_mappings.h"

#include <algorithm>

#include "wire/udp.h"

namespace oneping {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMaxExpiredPerCall = 4096;
// So many flows are looked at for one of a certain client.
constexpr int kMaxSteps = 256;
// Sessions of cloudflared's edge are idle for 210 s unless it says otherwise.
constexpr Duration kSessionIdle = 210s;

constexpr std::size_t list_of(bool is_for_dns) { return is_for_dns ? 0 : 1; }

UdpMappingOptions bounded(UdpMappingOptions options, std::size_t max_sockets) {
  options.max_mappings = std::min(options.max_mappings, max_sockets);
  return options;
}

// Of one there is no half.
constexpr std::size_t half_of(std::size_t all) { return std::max<std::size_t>(all / 2, 1); }

IpAddress client_address(const UdpOwner& owner) {
  return owner.is_session() ? IpAddress() : owner.client().address;
}

}  // namespace

UdpMappings::UdpMappings(const UdpMappingOptions& options, UdpBackend& backend,
                         UdpMappingEvents& events, std::uint64_t seed)
    : options_(bounded(options, backend.max_sockets())),
      max_mappings_per_client_(
          options_.max_mappings_per_client.value_or(half_of(options_.max_mappings))),
      max_flows_per_client_(options_.max_flows_per_client.value_or(half_of(options_.max_flows))),
      idle_times_{options.dns_idle, options.idle, 1min, kSessionIdle, 6min, 10min},
      backend_(backend),
      events_(events),
      seed_(seed) {
  std::ranges::sort(idle_times_);
}

UdpMappings::~UdpMappings() {
  for (const IndexList& list : mappings_by_age_) {
    while (list.front() != kNone) close(list.front());
  }
}

tl::expected<UdpMappings::Place, DropReason> UdpMappings::use(const UdpOwner& owner,
                                                              const SocketAddress& remote,
                                                              std::optional<Duration> idle,
                                                              Time now) {
  if (const Place known = find(owner); known != kNone) {
    const Place found = find_flow(known, remote);
    if (found != kNone && is_live(found, now)) {
      touch(found, now);
      return found;
    }
    if (found != kNone) forget(found);
  }
  // Whatever makes room may close the owner's own mapping, so that is looked up afterwards.
  if (const auto refusal = make_room_for_flow(owner, now)) return tl::make_unexpected(*refusal);
  const std::size_t idle_class = idle_class_for(remote, idle);
  const bool is_for_dns = !owner.is_session() && remote.port == kDnsPort;
  Place mapping = find(owner);
  if (mapping == kNone) {
    if (const auto refusal = make_room_for_mapping(owner, now)) {
      return tl::make_unexpected(*refusal);
    }
    const auto opened = open_mapping(owner, remote.address.family(), is_for_dns, now);
    if (!opened) return opened;
    mapping = *opened;
  } else if (!is_for_dns) {
    make_general(mapping);
  }
  return add_flow(mapping, remote, idle_class, now);
}

UdpMappings::Place UdpMappings::find(UdpSocketId socket, const SocketAddress& remote,
                                     Time now) const {
  const Place found = find_flow(socket, remote);
  return found != kNone && is_live(found, now) ? found : kNone;
}

UdpMappings::Place UdpMappings::find(const UdpOwner& owner) const {
  return mapping_index_.find(hash_of(owner, seed_),
                             [&](Place place) { return mappings_[place].owner == owner; });
}

bool UdpMappings::is_live(Place place, Time now) const {
  const Flow& flow = flows_[place];
  return now - flow.last_used < idle_times_[flow.idle_class];
}

void UdpMappings::touch(Place place, Time now) {
  Flow& flow = flows_[place];
  flow.last_used = now;
  flows_by_age_[flow.idle_class].move_to_back(place, flow_ages());
  Mapping& mapping = mappings_[flow.mapping];
  mapping.last_used = now;
  const std::size_t list = list_of(mapping.is_for_dns);
  mappings_by_age_[list].move_to_back(flow.mapping, mapping_ages());
  clients_[mapping.client].mappings[list].move_to_back(flow.mapping, mappings_of_client());
}

void UdpMappings::close(Place place) {
  while (mappings_[place].flows.size() > 0) forget(mappings_[place].flows.front());
}

void UdpMappings::expire(Time now) {
  std::size_t limit = kMaxExpiredPerCall;
  for (const IndexList& list : flows_by_age_) {
    for (; limit > 0 && list.front() != kNone && !is_live(list.front(), now); --limit) {
      let_go(list.front());
      ++expired_;
    }
  }
}

Time UdpMappings::next_deadline() const {
  Time next = kNever;
  for (std::size_t i = 0; i < kIdleClasses; ++i) {
    const Place oldest = flows_by_age_[i].front();
    if (oldest != kNone) next = std::min(next, flows_[oldest].last_used + idle_times_[i]);
  }
  return next;
}

std::size_t UdpMappings::memory() const {
  return mappings_.memory() + flows_.memory() + clients_.memory() + mapping_index_.memory() +
         flow_index_.memory() + client_index_.memory();
}

std::size_t UdpMappings::idle_class_for(const SocketAddress& remote,
                                        std::optional<Duration> idle) const {
  const Duration wanted =
      idle.value_or(remote.port == kDnsPort ? options_.dns_idle : options_.idle);
  const auto enough = std::ranges::lower_bound(idle_times_, wanted);
  return std::min(static_cast<std::size_t>(enough - idle_times_.begin()), kIdleClasses - 1);
}

// Room.

std::optional<DropReason> UdpMappings::make_room_for_flow(const UdpOwner& owner, Time now) {
  const Place client = owner.is_session() ? kNone : find_client(client_address(owner));
  if (client != kNone && clients_[client].flows >= max_flows_per_client_ &&
      !evict_flow(client, now)) {
    return DropReason::device_flow_limit;
  }
  if (flows_.size() >= options_.max_flows && !evict_flow(kNone, now)) {
    return DropReason::flow_table_full;
  }
  return std::nullopt;
}

std::optional<DropReason> UdpMappings::make_room_for_mapping(const UdpOwner& owner, Time now) {
  const Place client = owner.is_session() ? kNone : find_client(client_address(owner));
  if (client != kNone && clients_[client].size() >= max_mappings_per_client_ &&
      !evict_mapping(clients_[client].mappings, now)) {
    return DropReason::device_flow_limit;
  }
  if (mappings_.size() >= options_.max_mappings && !evict_mapping(mappings_by_age_, now)) {
    return DropReason::flow_table_full;
  }
  return std::nullopt;
}

// A client for whom this is asked has a good part of all: one of his is soon found among the
// oldest.
bool UdpMappings::evict_flow(Place client, Time now) {
  const auto oldest_of = [&](std::size_t idle_class) {
    Place flow = flows_by_age_[idle_class].front();
    for (int steps = 0; flow != kNone && client != kNone && steps < kMaxSteps; ++steps) {
      if (mappings_[flows_[flow].mapping].client == client) return flow;
      flow = flows_[flow].by_age.next;
    }
    return client == kNone ? flow : kNone;
  };
  Place longest = kNone;
  for (std::size_t i = 0; i < kIdleClasses; ++i) {
    const Place oldest = oldest_of(i);
    const bool is_short = idle_times_[i] <= options_.dns_idle;
    const Duration enough = is_short ? options_.dns_evict_after : options_.evict_after;
    if (oldest == kNone || now - flows_[oldest].last_used < enough) continue;
    if (longest == kNone || flows_[oldest].last_used < flows_[longest].last_used) longest = oldest;
  }
  if (longest == kNone) return false;
  let_go(longest);
  ++evicted_;
  return true;
}

bool UdpMappings::evict_mapping(const ByAge& mappings, Time now) {
  const Place for_dns = mappings[list_of(true)].front();
  const Place general = mappings[list_of(false)].front();
  const auto has_been_idle = [&](Place place, Duration duration) {
    return place != kNone && now - mappings_[place].last_used >= duration;
  };
  const bool is_general = has_been_idle(general, options_.evict_after);
  if (!is_general && !has_been_idle(for_dns, options_.dns_evict_after)) return false;
  const Place oldest = is_general ? general : for_dns;
  while (mappings_[oldest].flows.size() > 1) forget(mappings_[oldest].flows.front());
  let_go(mappings_[oldest].flows.front());
  ++evicted_;
  return true;
}

// What comes and goes.

tl::expected<UdpMappings::Place, DropReason> UdpMappings::open_mapping(const UdpOwner& owner,
                                                                       IpFamily family,
                                                                       bool is_for_dns, Time now) {
  const Place place = mappings_.add({});
  if (const auto refusal = backend_.open(place, family)) {
    mappings_.remove(place);
    return tl::make_unexpected(*refusal);
  }
  ++opened_;
  Place client = find_client(client_address(owner));
  if (client == kNone) {
    client = clients_.add({.address = client_address(owner)});
    client_index_.insert(client, client_hashes());
  }
  Mapping& mapping = mappings_[place];
  mapping.owner = owner;
  mapping.is_for_dns = is_for_dns;
  mapping.client = client;
  mapping.last_used = now;
  mapping_index_.insert(place, mapping_hashes());
  const std::size_t list = list_of(is_for_dns);
  mappings_by_age_[list].push_back(place, mapping_ages());
  clients_[client].mappings[list].push_back(place, mappings_of_client());
  return place;
}

UdpMappings::Place UdpMappings::add_flow(Place mapping, const SocketAddress& remote,
                                         std::size_t idle_class, Time now) {
  Flow flow;
  flow.remote = remote;
  flow.mapping = mapping;
  flow.idle_class = static_cast<std::uint8_t>(idle_class);
  const Place place = flows_.add(flow);
  flow_index_.insert(place, flow_hashes());
  flows_by_age_[idle_class].push_back(place, flow_ages());
  mappings_[mapping].flows.push_back(place, flows_of_mapping());
  ++clients_[mappings_[mapping].client].flows;
  touch(place, now);
  return place;
}

// It has spoken to something else than DNS servers.
void UdpMappings::make_general(Place place) {
  Mapping& mapping = mappings_[place];
  if (!mapping.is_for_dns) return;
  mapping.is_for_dns = false;
  mappings_by_age_[list_of(true)].remove(place, mapping_ages());
  mappings_by_age_[list_of(false)].push_back(place, mapping_ages());
  ByAge& mine = clients_[mapping.client].mappings;
  mine[list_of(true)].remove(place, mappings_of_client());
  mine[list_of(false)].push_back(place, mappings_of_client());
}

// Nobody asked for it, so that it is told when the mapping goes with it.
void UdpMappings::let_go(Place place) {
  const Mapping& mapping = mappings_[flows_[place].mapping];
  const bool is_last = mapping.flows.size() == 1;
  const UdpOwner owner = mapping.owner;
  const std::uint8_t tag = mapping.tag;
  forget(place);
  if (is_last) events_.on_mapping_over(owner, tag);
}

void UdpMappings::forget(Place place) {
  const Flow& flow = flows_[place];
  const Place mapping = flow.mapping;
  flow_index_.erase(place, flow_hashes());
  flows_by_age_[flow.idle_class].remove(place, flow_ages());
  mappings_[mapping].flows.remove(place, flows_of_mapping());
  --clients_[mappings_[mapping].client].flows;
  flows_.remove(place);
  close_if_unused(mapping);
}

void UdpMappings::close_if_unused(Place place) {
  const Mapping& mapping = mappings_[place];
  if (mapping.flows.size() > 0) return;
  const Place client = mapping.client;
  const std::size_t list = list_of(mapping.is_for_dns);
  mapping_index_.erase(place, mapping_hashes());
  mappings_by_age_[list].remove(place, mapping_ages());
  clients_[client].mappings[list].remove(place, mappings_of_client());
  mappings_.remove(place);
  backend_.close(place);
  if (clients_[client].size() > 0) return;
  client_index_.erase(client, client_hashes());
  clients_.remove(client);
}

// Indices.

UdpMappings::Place UdpMappings::find_flow(Place mapping, const SocketAddress& remote) const {
  return flow_index_.find(hash_of_flow(mapping, remote), [&](Place place) {
    return flows_[place].mapping == mapping && flows_[place].remote == remote;
  });
}

UdpMappings::Place UdpMappings::find_client(const IpAddress& address) const {
  return client_index_.find(hash_of(address, seed_),
                            [&](Place place) { return clients_[place].address == address; });
}

std::size_t UdpMappings::hash_of_flow(Place mapping, const SocketAddress& remote) const {
  return hash_of(remote.address, seed_ ^ (std::uint64_t{mapping} << 16 | remote.port));
}

}  // namespace oneping
