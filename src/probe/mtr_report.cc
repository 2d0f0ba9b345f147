#include "probe/mtr_report.h"

#include <algorithm>

#include "probe/format.h"
#include "probe/legs_text.h"
#include "probe/mtr_names.h"

namespace oneping::probe {

namespace {

// Where the columns begin in the narrow report; longer names are cut.
constexpr std::size_t kNarrow = 33;

// `left` is what is in front of the columns. In the wide report it is as long as it is.
std::string line(const MtrOptions& options, std::string left, const std::string& columns) {
  if (options.output != MtrOutput::wide_report) left.resize(kNarrow, ' ');
  return left + columns + "\n";
}

std::string padded(const std::string& host, std::size_t width) {
  return format("%-*s", static_cast<int>(width), host.c_str());
}

std::size_t host_width(const MtrOptions& options, const MtrPath& path, NameBook& names) {
  if (options.output != MtrOutput::wide_report) return kNarrow;
  std::size_t width = options.local_host.size();
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    width = std::max(width, mtr_host(path.hop(ttl).address, names, mtr_host_style(options)).size());
  }
  return width;
}

}  // namespace

std::string mtr_report(const MtrOptions& options, const MtrPath& path, NameBook& names,
                       const Legs& legs) {
  const std::size_t width = host_width(options, path, names);
  std::string text = "Start: " + options.start_time + "\n";
  text += line(options, "HOST: " + padded(options.local_host, width), mtr_titles(options.fields));
  for (unsigned ttl = path.first_ttl(); ttl <= path.last_ttl(); ++ttl) {
    const MtrHop& hop = path.hop(ttl);
    const std::string host = mtr_host(hop.address, names, mtr_host_style(options));
    text += line(options, format(" %2u.|-- ", ttl) + padded(host, width),
                 mtr_values(options.fields, hop.statistics));
    for (const IpAddress& other : other_addresses(hop)) {
      text += "        " + padded(mtr_host(other, names, mtr_host_style(options)), width) + "\n";
    }
  }
  if (const auto times = path.split(legs); options.legs && times) text += legs_text(*times);
  return text;
}

}  // namespace oneping::probe
