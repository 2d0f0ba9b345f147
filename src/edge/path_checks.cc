#include "edge/path_checks.h"

#include <algorithm>

namespace oneping::edge {

PathChecks::PathChecks(const EdgeConfig& config, PacketPath& packets, const TunnelTable& tunnels,
                       PacketPool& pool, Random& random)
    : config_(config), packets_(packets), tunnels_(tunnels), pool_(pool), random_(random) {}

PathChecks::~PathChecks() = default;

Result<PathCheckRef> PathChecks::start(const PathQuestion& question, Time now) {
  if (checks_.size() >= kMaxChecks) {
    return fail("the edge measures " + std::to_string(kMaxChecks) +
                " paths already: try again when some are done");
  }
  if (!source_of(question, config_, packets_.clients().snapshot())) {
    return fail("the device is not known, or has no address of that family");
  }
  const PathCheckRef ref = checks_.add(
      std::make_unique<PathCheck>(question, config_, packets_, tunnels_, pool_, random_, now));
  last_read_.emplace_back(ref, now);
  return ref;
}

std::optional<PathReport> PathChecks::report(PathCheckRef ref, Time now) {
  const auto* check = checks_.find(ref);
  if (check == nullptr) return std::nullopt;
  std::ranges::find(last_read_, ref, &std::pair<PathCheckRef, Time>::first)->second = now;
  return (*check)->report();
}

void PathChecks::on_connect_answer(ConnectionRef connection, quic::StreamId call,
                                   const std::string& error) {
  checks_.for_each([&](auto, const std::unique_ptr<PathCheck>& check) {
    check->on_connect_answer(connection, call, error);
  });
}

void PathChecks::on_time(Time now) {
  std::erase_if(last_read_, [&](const auto& entry) {
    if (now - entry.second > kForgottenAfter) checks_.remove(entry.first);
    return !checks_.contains(entry.first);
  });
  checks_.for_each([&](auto, const std::unique_ptr<PathCheck>& check) {
    if (check->next_time() <= now) check->on_time(now);
  });
}

Time PathChecks::next_time() const {
  Time next = kNever;
  checks_.for_each([&](auto, const std::unique_ptr<PathCheck>& check) {
    next = std::min(next, check->next_time());
  });
  return next;
}

}  // namespace oneping::edge
