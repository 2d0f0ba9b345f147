// Tells the verdicts on new flows to whoever listens (GET /flows), beginning with the last that
// there were. There may be more verdicts than anybody can read: a listener who falls behind by more
// than are kept hears how many he missed, and goes on with the newest.
// Every method from any thread; the packet path is not one of them, see app/flow_log_writer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/event_hub.h"
#include "control/flow_record.h"

namespace oneping::control {

// Which verdicts a listener wants; what is not there is not asked.
struct FlowFilter {
  std::optional<std::string> device;
  std::optional<std::string> user;
  std::optional<Prefix> from;
  std::optional<Prefix> to;
  std::optional<Protocol> protocol;
  std::optional<Verdict> verdict;
  std::optional<std::string> rule;
  std::optional<std::string> tunnel;

  [[nodiscard]] bool wants(const FlowRecord& record) const;
};

class FlowFeed {
 public:
  static constexpr std::size_t kKept = 1024;
  static constexpr std::size_t kMaxReaders = 8;

  FlowFeed();
  ~FlowFeed();

  // In the order in which they came. `left_out`: so many before them were not kept for anybody.
  void publish(std::vector<FlowRecord> records, std::uint64_t left_out = 0);
  // Null when there are too many readers.
  [[nodiscard]] std::unique_ptr<EventReader> subscribe(FlowFilter filter);
  // Ends every reader, and those who come later.
  void close();

 private:
  struct State;
  class Reader;
  std::shared_ptr<State> state_;  // readers may outlive the feed
};

}  // namespace oneping::control
