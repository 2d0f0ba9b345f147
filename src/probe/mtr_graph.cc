#include "probe/mtr_graph.h"

#include <algorithm>
#include <limits>

#include "probe/format.h"

namespace oneping::probe {

namespace {

// One character for each probe, oldest first.
template <typename Mark>
std::string marks(const ProbeHistory& history, std::size_t columns, Mark mark) {
  std::string text;
  for (std::size_t ago = std::min(columns, ProbeHistory::kSize); ago-- > 0;) {
    const int time = history.time(ago);
    if (time == ProbeHistory::kNotSent) {
      text += ' ';
    } else {
      text += time == ProbeHistory::kNoAnswer ? '?' : mark(time);
    }
  }
  return text;
}

}  // namespace

MtrGraph::MtrGraph(const MtrPath& path) {
  int low = std::numeric_limits<int>::max();
  int high = -1;
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    for (std::size_t ago = 0; ago < ProbeHistory::kSize; ++ago) {
      const int time = path.hop(ttl).history.time(ago);
      if (time < 0) continue;
      low = std::min(low, time);
      high = std::max(high, time);
    }
  }
  if (high < 0) return;
  for (std::size_t i = 0; i < scale_.size(); ++i) {
    const double part = static_cast<double>(i + 1) / static_cast<double>(scale_.size());
    scale_[i] = low + static_cast<int>((high - low) * part * part);
  }
}

std::string MtrGraph::steps(const ProbeHistory& history, std::size_t columns) const {
  return marks(history, columns, [this](int time) { return step(time); });
}

std::string MtrGraph::dots(const ProbeHistory& history, std::size_t columns) const {
  const int slow = scale_[scale_.size() - 2];
  return marks(history, columns, [slow](int time) { return time > slow ? '>' : '.'; });
}

std::string MtrGraph::legend() const {
  std::string text;
  for (std::size_t i = 0; i + 1 < kSteps.size(); ++i) {
    text += format("  %c:%d ms", kSteps[i], scale_[i] / 1000);
  }
  return text + "  " + kSteps.back();
}

char MtrGraph::step(int time) const {
  for (std::size_t i = 0; i < scale_.size(); ++i) {
    if (time <= scale_[i]) return kSteps[i];
  }
  return kSteps.back();
}

}  // namespace oneping::probe
