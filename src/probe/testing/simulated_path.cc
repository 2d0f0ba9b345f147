#include "probe/testing/simulated_path.h"

#include <algorithm>

#include "wire/icmp.h"

namespace oneping::probe {

using test::ByteVector;
using test::PacketBuilder;

SimulatedPath::SimulatedPath(std::vector<SimulatedHop> hops, std::uint64_t seed)
    : hops_(std::move(hops)), last_error_(hops_.size()), random_(seed) {}

std::optional<DropReason> SimulatedPath::send(Packet& packet, Time now) {
  if (refusal_) return refusal_;
  const Packet taken = std::move(packet);
  ++sent_count_;
  if (keeps_sent_) sent_.emplace_back(taken.bytes().begin(), taken.bytes().end());
  const auto request = IpView::parse(taken.bytes()).value();  // throws on what is not sound
  for (std::size_t hop = 0; hop + 1 < hops_.size(); ++hop) {
    const bool v4 = request.is_v4();
    if (request.hop_limit() == hop + 1) {
      error(hop, request, {v4 ? 11 : 3, 0}, 0, now);
      return std::nullopt;
    }
    if (hops_[hop].refuses) {
      error(hop, request, *hops_[hop].refuses, 0, now);
      return std::nullopt;
    }
    if (taken.size() > hops_[hop].mtu && request.dont_fragment()) {
      const auto mtu = static_cast<std::uint32_t>(hops_[hop].mtu);
      error(hop, request, v4 ? SimulatedHop::Error{3, 4} : SimulatedHop::Error{2, 0}, mtu, now);
      return std::nullopt;
    }
  }
  const std::size_t last = hops_.size() - 1;
  if (hops_[last].refuses) {
    error(last, request, *hops_[last].refuses, 0, now);
  } else {
    answer(last, request, now);
  }
  return std::nullopt;
}

void SimulatedPath::answer(std::size_t hop, const IpView& request, Time now) {
  if (hops_[hop].silent) return;
  const auto icmp = IcmpView::parse(request).value();
  ByteVector payload(icmp.payload.begin(), icmp.payload.end());
  if (hops_[hop].change_reply) hops_[hop].change_reply(payload);
  come_back(hop,
            PacketBuilder(test::address(address_of(hop)), request.source())
                .hop_limit(64 - static_cast<int>(hop))
                .echo_reply(icmp.id, icmp.sequence, payload)
                .build(),
            now);
}

void SimulatedPath::error(std::size_t hop, const IpView& about, SimulatedHop::Error error,
                          std::uint32_t rest, Time now) {
  if (hops_[hop].silent) return;
  if (hops_[hop].error_gap) {
    auto& last = last_error_[hop];
    if (last && now - *last < *hops_[hop].error_gap) return;
    last = now;
  }
  const std::size_t size = std::min<std::size_t>(about.bytes().size(), 548);
  come_back(hop,
            PacketBuilder(test::address(address_of(hop)), about.source())
                .hop_limit(64 - static_cast<int>(hop))
                .icmp(error.type, error.code, rest,
                      ByteVector(about.bytes().begin(),
                                 about.bytes().begin() + static_cast<std::ptrdiff_t>(size)))
                .build(),
            now);
}

void SimulatedPath::come_back(std::size_t hop, ByteVector packet, Time now) {
  const SimulatedHop& from = hops_[hop];
  const Duration round_trip = from.round_trips[sent_count_ % from.round_trips.size()];
  for (int i = 0; i <= from.duplicates; ++i) {
    if (from.loss > 0 && random_.unit() < from.loss) continue;
    arrivals_.emplace(now + round_trip + i * std::chrono::microseconds(100), packet);
  }
}

std::string SimulatedPath::address_of(std::size_t hop) const {
  const auto& addresses = hops_[hop].addresses;
  return addresses[sent_count_ % addresses.size()];
}

Time SimulatedPath::next_arrival() const {
  return arrivals_.empty() ? kNever : arrivals_.begin()->first;
}

ByteVector SimulatedPath::take_arrival() {
  auto first = arrivals_.extract(arrivals_.begin());
  return std::move(first.mapped());
}

void Simulation::run(Tool& tool, Time until) {
  tool.start(now);
  go_on(tool, until);
}

void Simulation::go_on(Tool& tool, Time until) {
  while (!tool.is_done()) {
    for (const auto& address : names.asked) lookups_[now + names.delay].push_back(address);
    names.asked.clear();
    const Time lookup = lookups_.empty() ? kNever : lookups_.begin()->first;
    const Time next = std::min({tool.next_time(), path.next_arrival(), lookup});
    if (next == kNever || next > until) {
      if (until != kNever) now = until;
      return;
    }
    now = std::max(now, next);
    if (path.next_arrival() <= now) {
      tool.on_packet(path.take_arrival(), now);
    } else if (lookup <= now) {
      const auto answered = lookups_.extract(lookups_.begin());
      for (const auto& address : answered.mapped()) {
        tool.on_name(address, names.names[address.to_string()]);
      }
    } else {
      tool.on_time(now);
    }
  }
}

}  // namespace oneping::probe
