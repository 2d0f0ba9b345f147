// ping as one JSON document. Answers are written as they come, so that a run of any length needs no
// memory for them; the document is whole once the summary is written.
#pragma once

#include <string>

#include "probe/echo_probe.h"
#include "probe/ping_options.h"
#include "probe/ping_statistics.h"
#include "probe/probe_table.h"

namespace oneping::probe {

class PingJson {
 public:
  [[nodiscard]] std::string begin(const PingOptions& options);
  [[nodiscard]] std::string reply(const Answer& reply, const ProbeTable::Match& match,
                                  const Legs& legs);
  [[nodiscard]] std::string error(const Answer& error);
  // A probe that did not leave.
  [[nodiscard]] std::string refusal(std::uint16_t sequence, const Refusal& refusal);
  [[nodiscard]] std::string end(const PingStatistics& statistics, const LegAverages& legs,
                                Duration elapsed);

 private:
  [[nodiscard]] std::string element(const std::string& json);
  bool has_elements_ = false;
};

}  // namespace oneping::probe
