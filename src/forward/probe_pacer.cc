#include "forward/probe_pacer.h"

#include <algorithm>
#include <utility>

namespace oneping {

ProbePacer::ProbePacer(const Options& options, Refused refused)
    : options_(options),
      on_refused_(std::move(refused)),
      interval_(Duration(std::chrono::seconds(1)) / options.per_second),
      capacity_(static_cast<std::size_t>(options.max_wait / interval_) + 1) {}

std::optional<DropReason> ProbePacer::send(Packet& packet, Link& link, std::uint8_t tag, Time now) {
  const auto ip = IpView::parse(packet.bytes());
  if (!ip) return ip.error();
  Lane* const lane = lane_of(*ip);
  if (lane == nullptr) return link.send(packet, now);
  const Time due = std::max(lane->next, now - (options_.burst - 1) * interval_);
  if (due <= now && lane->size == 0) {
    lane->next = due + interval_;
    return link.send(packet, now);
  }
  if (packet.size() > options_.max_size || !may_wait(*lane, ip->source(), due - now)) {
    ++refused_;
    return DropReason::probe_rate_limit;
  }
  if (lane->held.empty()) lane->held.resize(capacity_);
  at(*lane, lane->size++) = {
      .packet = std::move(packet), .client = ip->source(), .link = &link, .tag = tag, .due = due};
  lane->next = due + interval_;
  ++waiting_;
  ++delayed_;
  return std::nullopt;
}

ProbePacer::Lane* ProbePacer::lane_of(const IpView& packet) {
  const std::size_t distance = packet.hop_limit();
  if (!is_enabled_ || distance == 0 || distance > kDistances) return nullptr;
  return &lanes_[(packet.is_v4() ? 0 : kDistances) + distance - 1];
}

bool ProbePacer::may_wait(const Lane& lane, const IpAddress& client, Duration wait) const {
  if (wait > options_.max_wait || lane.size == capacity_) return false;
  std::size_t own = 0;
  for (std::size_t i = 0; i < lane.size; ++i) {
    own += lane.held[(lane.first + i) % capacity_].client == client ? 1 : 0;
  }
  return own < options_.per_client;
}

ProbePacer::Held& ProbePacer::at(Lane& lane, std::size_t place) const {
  return lane.held[(lane.first + place) % capacity_];
}

void ProbePacer::on_time(Time now) {
  if (waiting_ == 0) return;
  for (Lane& lane : lanes_) {
    while (lane.size != 0 && at(lane, 0).due <= now) release_first(lane, now);
  }
}

void ProbePacer::release_first(Lane& lane, Time now) {
  Held held = std::move(at(lane, 0));
  lane.first = (lane.first + 1) % capacity_;
  --lane.size;
  --waiting_;
  const auto refusal = held.link->send(held.packet, now);
  if (!refusal) return;
  increment_hop_limit(held.packet.bytes());
  const auto ip = IpView::parse(held.packet.bytes());
  if (ip) on_refused_(*ip, *refusal, held.link->max_packet_size(), held.tag, now);
}

Time ProbePacer::next_deadline() const {
  Time next = kNever;
  if (waiting_ == 0) return next;
  for (const Lane& lane : lanes_) {
    if (lane.size != 0) next = std::min(next, lane.held[lane.first].due);
  }
  return next;
}

}  // namespace oneping
