#include "probe/mtr_screen.h"

#include <algorithm>
#include <utility>

#include "probe/format.h"
#include "probe/legs_text.h"
#include "probe/mtr_graph.h"
#include "probe/mtr_names.h"

namespace oneping::probe {

namespace {

constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[m";

// Columns for hosts in front of a graph.
constexpr std::size_t kGraphStart = 28;

// A line of the screen: bold at its beginning as far as `bold` goes.
struct Line {
  std::string text;
  std::size_t bold = 0;
};

class Lines {
 public:
  explicit Lines(ScreenSize size) : size_(size) {}

  void add(std::string text, std::size_t bold = 0) { lines_.push_back({std::move(text), bold}); }
  void add_bold(std::string text) {
    const std::size_t size = text.size();
    add(std::move(text), size);
  }

  // What does not fit is left out.
  [[nodiscard]] std::string text() const {
    std::string out(kHome);
    for (std::size_t i = 0; i < std::min(lines_.size(), size_.rows); ++i) {
      if (i > 0) out += "\r\n";
      const std::string shown = lines_[i].text.substr(0, size_.columns);
      const std::size_t bold = std::min(lines_[i].bold, shown.size());
      if (bold > 0) out += std::string(kBold) + shown.substr(0, bold) + std::string(kPlain);
      out += shown.substr(bold);
      out += kClearLine;
    }
    return out + std::string(kClearBelow);
  }

 private:
  ScreenSize size_;
  std::vector<Line> lines_;
};

// `right` ends in the last column but one; what `left` is too long by is cut.
std::string justified(std::string left, const std::string& right, std::size_t columns) {
  const std::size_t at = columns > right.size() ? columns - right.size() - 1 : 0;
  left.resize(at, ' ');
  return left + right;
}

std::string centred(const std::string& text, std::size_t columns) {
  return std::string(columns > text.size() ? (columns - text.size()) / 2 : 0, ' ') + text;
}

std::string title(const MtrOptions& options) {
  return options.local_host + " (" + options.source.to_string() + ") -> " + options.host + " (" +
         options.destination.to_string() + ")";
}

std::string waiting(const MtrHop& hop) {
  return hop.is_unreachable ? "(no route to host)" : "(waiting for reply)";
}

// Bold is who did not answer last time, and who never did.
void add_host(Lines& lines, unsigned ttl, const MtrHop& hop, const std::string& host,
              const std::string& right, std::size_t columns) {
  std::string left = format("%2u. ", ttl);
  const bool has_answered = hop.address && !hop.is_unreachable;
  left += has_answered ? host : waiting(hop);
  const std::size_t bold = has_answered && hop.statistics.is_up() ? 0 : left.size();
  lines.add(has_answered ? justified(std::move(left), right, columns) : left, bold);
}

void add_help(Lines& lines) {
  for (const char* line :
       {"Command:", "  ?|h     help", "  p       pause (SPACE to resume)",
        "  d       switching display mode", "  n       toggle names on/off",
        "  b       toggle addresses beside names on/off", "  r       reset all counters",
        "  j       toggle latency (LS NABWV) / jitter (DR AGJMXI) columns",
        "  +|-     scroll down, up", "  q       quit", "", " press any key to go back..."}) {
    lines.add(line);
  }
}

void add_columns(Lines& lines, const MtrOptions& options, const MtrPath& path, NameBook& names,
                 const MtrScreenState& state, std::size_t columns) {
  const auto fields = state.jitter_fields ? jitter_mtr_fields() : options.fields;
  const auto style = mtr_host_style(options);
  const std::string titles = mtr_titles(fields);
  // Above the columns, where mtr's default ones make two groups.
  std::string groups = "   Packets               Pings";
  groups.resize(std::max(groups.size(), titles.size()), ' ');
  lines.add_bold(justified("", groups, columns));
  lines.add_bold(justified(" Host", titles, columns));
  for (unsigned ttl = path.first_ttl() + static_cast<unsigned>(state.scroll);
       ttl <= path.last_ttl(); ++ttl) {
    const MtrHop& hop = path.hop(ttl);
    // As wide as the titles, whatever is in it.
    std::string values = mtr_values(fields, hop.statistics);
    values.resize(titles.size(), ' ');
    add_host(lines, ttl, hop, mtr_host(hop.address, names, style), values, columns);
    for (const IpAddress& other : other_addresses(hop)) {
      lines.add("    " + mtr_host(other, names, style));
    }
  }
}

void add_graph(Lines& lines, const MtrPath& path, NameBook& names, const MtrScreenState& state,
               std::size_t columns) {
  const MtrGraph graph(path);
  const std::size_t width =
      std::min(ProbeHistory::kSize, columns > kGraphStart + 2 ? columns - kGraphStart - 2 : 0);
  lines.add("");
  lines.add_bold(std::string(kGraphStart, ' ') + format(" Last %3zu pings", width));
  for (unsigned ttl = path.first_ttl() + static_cast<unsigned>(state.scroll);
       ttl <= path.last_ttl(); ++ttl) {
    const MtrHop& hop = path.hop(ttl);
    const std::string marks = state.mode == MtrScreenMode::dots ? graph.dots(hop.history, width)
                                                                : graph.steps(hop.history, width);
    std::string left = format("%2u. ", ttl);
    const bool has_answered = hop.address && !hop.is_unreachable;
    left += has_answered ? mtr_host(hop.address, names, MtrHostStyle::name) : waiting(hop);
    const std::size_t bold =
        has_answered && hop.statistics.is_up() ? 0 : std::min(left.size(), kGraphStart);
    left.resize(kGraphStart, ' ');
    left += " ";
    left += marks;
    lines.add(std::move(left), bold);
  }
  lines.add("");
  lines.add("Scale:" + graph.legend(), 6);
}

}  // namespace

std::string mtr_screen(const MtrOptions& options, const MtrPath& path, NameBook& names,
                       const Legs& legs, const MtrScreenState& state, ScreenSize size,
                       const std::string& clock) {
  Lines lines(size);
  lines.add_bold(centred("oneping mtr", size.columns));
  lines.add(justified(title(options), clock, size.columns));
  if (state.help) {
    add_help(lines);
    return lines.text();
  }
  lines.add(std::string("Keys:  Help   Display mode   Restart statistics   Jitter   quit") +
            (state.is_paused ? "   [paused]" : ""));
  if (state.mode == MtrScreenMode::columns) {
    add_columns(lines, options, path, names, state, size.columns);
  } else {
    add_graph(lines, path, names, state, size.columns);
  }
  if (const auto times = path.split(legs); options.legs && times) {
    lines.add("");
    std::string line = " " + legs_text(*times);
    line.pop_back();  // the end of the line
    lines.add(std::move(line));
  }
  return lines.text();
}

}  // namespace oneping::probe
