#include "probe/mtr_path.h"

#include <algorithm>

namespace oneping::probe {

void MtrHop::on_answer(const IpAddress& from) {
  address = from;
  if (addresses.size() >= kMaxAddresses) return;
  if (std::ranges::find(addresses, from) == addresses.end()) addresses.push_back(from);
}

MtrPath::MtrPath(const MtrOptions& options)
    : destination_(options.destination), first_ttl_(options.first_ttl), hops_(options.max_ttl) {}

unsigned MtrPath::last_ttl() const {
  unsigned last = 0;
  const auto max_ttl = static_cast<unsigned>(hops_.size());
  for (unsigned ttl = 1; ttl <= max_ttl; ++ttl) {
    if (ends_at(ttl)) return ttl;
    if (hop(ttl).address) last = ttl + 1;
  }
  return std::min(last, max_ttl);
}

std::optional<LegTimes> MtrPath::split(const Legs& legs) const {
  const unsigned last = last_ttl();
  if (last == 0 || !is_destination(last)) return std::nullopt;
  return legs.of(std::chrono::microseconds(hop(last).statistics.average()));
}

void MtrPath::reset() { hops_.assign(hops_.size(), MtrHop{}); }

}  // namespace oneping::probe
