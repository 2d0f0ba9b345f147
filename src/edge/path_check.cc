#include "edge/path_check.h"

#include <algorithm>

#include "edge/hops.h"

namespace oneping::edge {

using namespace std::chrono_literals;

namespace {

// Of nobody: reserved for hosts without an address (RFC 7600), and a unique local one.
const IpAddress kNobodyV4 = IpAddress::v4(0xc0000008u);  // 192.0.0.8
const IpAddress kNobodyV6 = *IpAddress::parse("fd00::8");

// How long the last round's answers are waited for: longer than a neighbour that does not answer
// keeps a kernel waiting before it says so.
constexpr Duration kGrace = 4s;

// So many probes of the first hop must have left before a destination counts as silent.
constexpr int kRoundsOfSilence = 3;

probe::MtrOptions options_for(const PathQuestion& question, const IpAddress& source) {
  probe::MtrOptions options;
  options.source = source;
  options.destination = question.to;
  options.interval = question.interval;
  options.count = question.rounds;
  options.grace = kGrace;
  options.max_unknown = 5;
  options.naming = probe::Naming::numeric;
  options.output = probe::MtrOutput::screen;
  return options;
}

std::shared_ptr<const Identity> nobody(NetworkId network) {
  Identity identity;
  identity.device = "path check";
  identity.network = network;
  identity.is_ingress = true;
  return std::make_shared<const Identity>(std::move(identity));
}

Duration microseconds(int value) { return std::chrono::microseconds(value); }

}  // namespace

std::string_view to_string(HopRole role) {
  switch (role) {
    case HopRole::edge: return "edge";
    case HopRole::connector: return "connector";
    case HopRole::router: return "router";
    case HopRole::destination: return "destination";
  }
  return "unknown";
}

std::optional<IpAddress> source_of(const PathQuestion& question, const EdgeConfig& config,
                                   const Snapshot& snapshot) {
  const bool v4 = question.to.is_v4();
  if (!question.device) {
    return v4 ? config.hop_v4.value_or(kNobodyV4) : config.hop_v6.value_or(kNobodyV6);
  }
  const auto known = snapshot.identities->find(*question.device);
  if (known == snapshot.identities->end()) return std::nullopt;
  const Identity& identity = *known->second;
  if (identity.is_ingress) return v4 ? kNobodyV4 : kNobodyV6;
  const auto own = std::ranges::find(identity.addresses, question.to.family(), &Prefix::family);
  if (own == identity.addresses.end()) return std::nullopt;
  return own->address();
}

PathCheck::PathCheck(const PathQuestion& question, const EdgeConfig& config, PacketPath& packets,
                     const TunnelTable& tunnels, PacketPool& pool, Random& random, Time now)
    : question_(question),
      config_(config),
      packets_(packets),
      tunnels_(tunnels),
      source_(*source_of(question, config, packets.clients().snapshot())),
      client_(question.device
                  ? packets.clients().add_on_behalf(static_cast<Link&>(*this), *question.device)
                  : packets.clients().add(static_cast<Link&>(*this), nobody(question.network))),
      mtr_(options_for(question, source_), host(pool, random)),
      mtu_(source_, question.to, host(pool, random)),
      ports_(source_, question, tunnels, host(pool, random)) {
  inbox_.reserve(kMaxInbox);
  mtr_.start(now);
  ports_.start(way(), now);
}

PathCheck::~PathCheck() { packets_.clients().remove(client_); }

probe::ToolHost PathCheck::host(PacketPool& pool, Random& random) {
  return {outlet_, pool, random, static_cast<probe::TextSink&>(*this),
          static_cast<probe::NameSource&>(*this)};
}

std::optional<DropReason> PathCheck::Outlet::send(Packet& packet, Time now) {
  check_.packets_.on_client_packet(std::move(packet), check_.client_, now);
  return std::nullopt;
}

std::optional<DropReason> PathCheck::send(Packet& packet, Time now) {
  if (inbox_.size() >= kMaxInbox) return DropReason::queue_full;
  inbox_.emplace_back(std::move(packet), now);
  return std::nullopt;
}

void PathCheck::on_time(Time now) {
  for (std::size_t i = 0; i < inbox_.size(); ++i) {
    const Bytes packet = inbox_[i].first.bytes();
    mtr_.on_packet(packet, inbox_[i].second);
    if (is_mtu_started_) mtu_.on_packet(packet, inbox_[i].second);
    ports_.on_packet(packet, inbox_[i].second);
  }
  inbox_.clear();
  if (mtr_.next_time() <= now) mtr_.on_time(now);
  if (!is_mtu_started_ && is_reached()) {
    is_mtu_started_ = true;
    mtu_.start(now);
  } else if (is_mtu_started_ && mtu_.next_time() <= now) {
    mtu_.on_time(now);
  }
  if (is_silent()) ports_.look_for_life(way(), now);
  ports_.on_time(now);
}

Time PathCheck::next_time() const {
  if (!inbox_.empty()) return Time{};
  return std::min(
      {mtr_.next_time(), ports_.next_time(), is_mtu_started_ ? mtu_.next_time() : kNever});
}

bool PathCheck::is_reached() const {
  const probe::MtrPath& path = mtr_.path();
  const unsigned last = path.last_ttl();
  return last >= path.first_ttl() && path.is_destination(last) && !path.hop(last).is_unreachable;
}

// Neither the destination nor anybody on the way to it says anything more, after some rounds.
bool PathCheck::is_silent() const {
  const probe::MtrPath& path = mtr_.path();
  if (is_reached() || path.last_ttl() < path.first_ttl()) return false;
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    if (path.hop(ttl).error) return false;
  }
  return path.hop(path.first_ttl()).statistics.sent() >= kRoundsOfSilence;
}

// All rounds are over; who is known to answer has done so, or nobody is waited for any more.
bool PathCheck::is_measured() const {
  if (mtr_.is_done() || !mtr_.has_sent_all()) return mtr_.is_done();
  const probe::MtrPath& path = mtr_.path();
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    const probe::HopStatistics& statistics = path.hop(ttl).statistics;
    if (statistics.received() > 0 && statistics.is_in_transit()) return false;
  }
  return is_reached();
}

PathReport PathCheck::report() const {
  PathReport report;
  const probe::MtrPath& path = mtr_.path();
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    report.hops.push_back(report_hop(ttl));
  }
  report.is_reached = is_reached();
  if (is_mtu_started_ && mtu_.is_done()) report.mtu = mtu_.result();
  report.is_complete = is_measured() && (!is_mtu_started_ || mtu_.is_done()) && ports_.is_quiet();
  report.port = ports_.port();
  report.life = ports_.life();
  report.edge_to_connector = edge_to_connector();
  return report;
}

HopReport PathCheck::report_hop(unsigned ttl) const {
  const probe::MtrHop& hop = mtr_.path().hop(ttl);
  const probe::HopStatistics& statistics = hop.statistics;
  HopReport report{.ttl = ttl,
                   .address = hop.address,
                   .sent = static_cast<std::uint64_t>(statistics.sent()),
                   .lost = static_cast<std::uint64_t>(std::max(0, statistics.dropped()))};
  if (hop.address) report.role = role_of(ttl, *hop.address);
  if (hop.error) report.error = HopReport::Error{hop.error->type, hop.error->code};
  if (statistics.received() == 0) return report;
  report.last = microseconds(statistics.last());
  report.best = microseconds(statistics.best());
  report.average = microseconds(statistics.average());
  report.worst = microseconds(statistics.worst());
  report.jitter = microseconds(statistics.average_jitter());
  return report;
}

// The edge is known by its addresses. The connector, which has one for each of its networks, is who
// answers behind it.
HopRole PathCheck::role_of(unsigned ttl, const IpAddress& address) const {
  if (address == config_.hop_v4 || address == config_.hop_v6) return HopRole::edge;
  if (address == question_.to && mtr_.path().is_destination(ttl) &&
      !mtr_.path().hop(ttl).is_unreachable) {
    return HopRole::destination;
  }
  if (ttl == 2) return HopRole::connector;
  // What it could not send on itself, it says at the hop behind.
  return ttl == 3 && mtr_.path().hop(2).address == address ? HopRole::connector : HopRole::router;
}

std::optional<NetworkId> PathCheck::network() const {
  if (!question_.device) return question_.network;
  const auto& identities = *packets_.clients().snapshot().identities;
  const auto known = identities.find(*question_.device);
  return known == identities.end() ? std::nullopt : std::optional(known->second->network);
}

std::optional<ConnectionRef> PathCheck::way() const {
  const auto in = network();
  const Routing& routing = *packets_.clients().snapshot().routing;
  return in ? connection_towards(question_.to, *in, routing, tunnels_) : std::nullopt;
}

// By the probes, where the connector answers them: then this leg and the next are measured alike.
std::optional<Duration> PathCheck::edge_to_connector() const {
  const probe::MtrPath& path = mtr_.path();
  if (path.last_ttl() >= 2) {
    const probe::HopStatistics& connector = path.hop(2).statistics;
    if (connector.received() > 0) return microseconds(connector.best());
  }
  const auto in = network();
  const Routing& routing = *packets_.clients().snapshot().routing;
  return in ? connector_round_trip(question_.to, *in, routing, tunnels_) : std::nullopt;
}

}  // namespace oneping::edge
