// The path checks that run at the edge: bounded, and each for a while only, for whoever asked may
// have forgotten it.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/slots.h"
#include "edge/path_check.h"

namespace oneping::edge {

using PathCheckRef = SlotRef<std::unique_ptr<PathCheck>>;

class PathChecks {
 public:
  static constexpr std::size_t kMaxChecks = 16;
  // A check whose report nobody has read for so long is over.
  static constexpr Duration kForgottenAfter = std::chrono::seconds(15);

  // All must outlive it.
  PathChecks(const EdgeConfig& config, PacketPath& packets, const TunnelTable& tunnels,
             PacketPool& pool, Random& random);
  ~PathChecks();

  // Fails when too many run, and when the device of the question cannot ask it.
  [[nodiscard]] Result<PathCheckRef> start(const PathQuestion& question, Time now);
  // Nothing when it is over.
  [[nodiscard]] std::optional<PathReport> report(PathCheckRef check, Time now);
  void stop(PathCheckRef check) { checks_.remove(check); }

  // What a connector says of a TCP connection that a check has asked for.
  void on_connect_answer(ConnectionRef connection, quic::StreamId call, const std::string& error);

  // Once a turn.
  void on_time(Time now);
  [[nodiscard]] Time next_time() const;

 private:
  const EdgeConfig& config_;
  PacketPath& packets_;
  const TunnelTable& tunnels_;
  PacketPool& pool_;
  Random& random_;
  Slots<std::unique_ptr<PathCheck>> checks_;
  std::vector<std::pair<PathCheckRef, Time>> last_read_;
};

}  // namespace oneping::edge
