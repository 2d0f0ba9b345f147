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
                  ? packets.clients().add(static_cast<Link&>(*this), *question.device)
                  : packets.clients().add(static_cast<Link&>(*this), nobody(question.network))),
      mtr_(options_for(question, source_), host(pool, random)),
      mtu_(source_, question.to, host(pool, random)) {
  inbox_.reserve(kMaxInbox);
  mtr_.start(now);
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
  }
  inbox_.clear();
  if (mtr_.next_time() <= now) mtr_.on_time(now);
  if (!is_mtu_started_ && is_reached()) {
    is_mtu_started_ = true;
    mtu_.start(now);
  } else if (is_mtu_started_ && mtu_.next_time() <= now) {
    mtu_.on_time(now);
  }
}

Time PathCheck::next_time() const {
  if (!inbox_.empty()) return Time{};
  return std::min(mtr_.next_time(), is_mtu_started_ ? mtu_.next_time() : kNever);
}

bool PathCheck::is_reached() const {
  const probe::MtrPath& path = mtr_.path();
  const unsigned last = path.last_ttl();
  return last >= path.first_ttl() && path.is_destination(last) && !path.hop(last).is_unreachable;
}

PathReport PathCheck::report() const {
  PathReport report;
  const probe::MtrPath& path = mtr_.path();
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    report.hops.push_back(report_hop(ttl));
  }
  report.is_reached = is_reached();
  if (is_mtu_started_ && mtu_.is_done()) report.mtu = mtu_.result();
  report.is_complete = mtr_.is_done() && (!is_mtu_started_ || mtu_.is_done());
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
  return ttl == 2 ? HopRole::connector : HopRole::router;
}

std::optional<Duration> PathCheck::edge_to_connector() const {
  const Snapshot& snapshot = packets_.clients().snapshot();
  NetworkId network = question_.network;
  if (question_.device) {
    const auto known = snapshot.identities->find(*question_.device);
    if (known == snapshot.identities->end()) return std::nullopt;
    network = known->second->network;
  }
  return connector_round_trip(question_.to, network, *snapshot.routing, tunnels_);
}

}  // namespace oneping::edge
