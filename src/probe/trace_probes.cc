#include "probe/trace_probes.h"

#include <algorithm>

namespace oneping::probe {

namespace {

using namespace std::chrono_literals;

// Added to what others took, so that tiny times do not make for tiny patience.
constexpr Duration kSlack = 1ms;

// How many hops away the sender of an answer is, if it began with a hop limit of 64, 128 or 255.
int distance(std::uint8_t hop_limit) {
  if (hop_limit <= 64) return 65 - hop_limit;
  return (hop_limit <= 128 ? 129 : 256) - hop_limit;
}

}  // namespace

Duration TraceProbes::patience(std::size_t index) const {
  for (std::size_t i = first_of_hop(index); i < end_of_hop(index); ++i) {
    if (const auto shorter = limit(probes_[i], wait_.here)) return *shorter;
  }
  for (std::size_t i = index + 1; i < size() && probes_[i].sent; ++i) {
    if (const auto shorter = limit(probes_[i], wait_.near)) return *shorter;
  }
  return wait_.max;
}

std::optional<Duration> TraceProbes::limit(const TraceProbe& answered, double factor) const {
  if (factor == 0 || !answered.done) return std::nullopt;
  if (!answered.round_trip || *answered.round_trip <= Duration::zero()) return std::nullopt;
  const double time = static_cast<double>((*answered.round_trip + kSlack).count()) * factor;
  const auto max = static_cast<double>(wait_.max.count());
  return Duration(static_cast<Duration::rep>(std::min(time, max)));
}

std::optional<Duration> TraceProbes::shortest_to(const IpAddress& destination,
                                                 std::size_t end) const {
  std::optional<Duration> shortest;
  for (std::size_t i = 0; i < end; ++i) {
    const TraceProbe& probe = probes_[i];
    if (!probe.final || probe.from != destination || !probe.round_trip) continue;
    if (!shortest || *probe.round_trip < *shortest) shortest = probe.round_trip;
  }
  return shortest;
}

void TraceProbes::expire(std::size_t index) {
  probes_[index].done = true;
  const auto final = final_answer_for(index);
  if (!final || !belongs_here(index, *final)) return;
  probes_[index] = probes_[*final];
  // What it leaves behind waits for nobody: it expires when its turn comes.
  probes_[*final] = TraceProbe{.sent = Time::min()};
}

// The answer of the path's end that might belong to this probe instead of its own.
std::optional<std::size_t> TraceProbes::final_answer_for(std::size_t index) const {
  for (std::size_t i = first_of_hop(index); i < index; ++i) {
    if (!probes_[i].done || !probes_[i].final) return std::nullopt;  // it is a hop on the way
  }
  for (std::size_t i = index + 1; i < size() && probes_[i].sent; ++i) {
    if (!probes_[i].done) continue;
    if (!probes_[i].final) return std::nullopt;  // the path goes on behind this hop
    // Echo replies are not limited like errors; they are where they belong.
    return probes_[i].mark.empty() ? std::nullopt : std::optional(i);
  }
  return std::nullopt;
}

bool TraceProbes::belongs_here(std::size_t index, std::size_t final) const {
  const bool same_hop = first_of_hop(index) != index || final < end_of_hop(index);
  if (same_hop) return true;
  // The same router was a hop on the way before: its errors are one hop behind, not many.
  const auto& from = probes_[final].from;
  for (std::size_t i = 0; i < index; ++i) {
    if (from && probes_[i].from == from) return true;
  }
  return probes_[final].hop_limit != 0 && distance_fits(index, final);
}

// Whether the answer's own hop limit says that it comes from here or nearer. The way back may be
// longer than the way there, so the hop before gives the measure.
bool TraceProbes::distance_fits(std::size_t index, std::size_t final) const {
  int hops = distance(probes_[final].hop_limit);
  for (std::size_t i = index; i-- > 0;) {
    const TraceProbe& before = probes_[i];
    if (!before.done || before.final || before.hop_limit == 0) continue;
    const int hops_before = distance(before.hop_limit);
    if (hops_before >= hops) continue;
    hops = hops - hops_before + hop_of(i);
    break;
  }
  return hops <= hop_of(index);
}

}  // namespace oneping::probe
