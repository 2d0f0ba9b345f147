#include "app/loop_edge.h"

#include <algorithm>
#include <iterator>

#include "app/loop_question.h"
#include "base/log.h"

namespace oneping {

namespace {

constexpr const char* kSilent = "the edge does not answer now: try again, and look at its log";

std::vector<Prefix> missing_from(const std::vector<Prefix>& these,
                                 const std::vector<Prefix>& those) {
  std::vector<Prefix> missing;
  std::set_difference(those.begin(), those.end(), these.begin(), these.end(),
                      std::back_inserter(missing));
  return missing;
}

void warn_if_failed(const Result<void>& done) {
  if (!done) log::warn("{}", done.error().message);
}

}  // namespace

void LoopEdge::follow_routes(TunDevice& tun, edge::DeviceId device, std::vector<Prefix> routes) {
  tun_ = &tun;
  device_ = device;
  routes_ = std::move(routes);
}

// One call at a time: the control plane sees to that. The kernel's routes are changed here, for
// many of them take long, and the loop must go on.
Result<void> LoopEdge::apply(edge::Snapshot snapshot) {
  std::vector<Prefix> routes = prefixes_for(snapshot, device_);
  const auto done = ask_loop(loop_, [this, snapshot = std::move(snapshot)]() mutable {
    edge_.apply(std::move(snapshot));
    return true;
  });
  if (tun_ != nullptr) {
    for (const Prefix& gone : missing_from(routes, routes_))
      warn_if_failed(tun_->remove_route(gone));
    for (const Prefix& added : missing_from(routes_, routes))
      warn_if_failed(tun_->add_route(added));
  }
  routes_ = std::move(routes);
  if (!done) return fail("the edge is too busy to take it up now, and will when it can");
  return {};
}

std::optional<std::vector<edge::TunnelStatus>> LoopEdge::tunnels() {
  return ask_loop(loop_, [this] { return edge_.status(loop_.now()); });
}

std::optional<std::vector<edge::DeviceSessionStatus>> LoopEdge::sessions() {
  return ask_loop(loop_, [this] { return edge_.sessions(loop_.now()); });
}

Result<edge::PathCheckRef> LoopEdge::start_path(edge::PathQuestion question) {
  auto started = ask_loop(
      loop_, [this, question] { return edge_.path_checks().start(question, loop_.now()); });
  if (!started) return fail(kSilent);
  return std::move(*started);
}

Result<edge::PathReport> LoopEdge::path_report(edge::PathCheckRef check) {
  auto report =
      ask_loop(loop_, [this, check] { return edge_.path_checks().report(check, loop_.now()); });
  if (!report) return fail(kSilent);
  if (!*report) return fail("the path is measured no more, for nobody asked about it");
  return std::move(**report);
}

void LoopEdge::stop_path(edge::PathCheckRef check) {
  loop_.post([this, check] { edge_.path_checks().stop(check); });
}

std::optional<std::size_t> LoopEdge::flows() {
  return ask_loop(loop_, [this] {
    return edge_.packets().flows(Protocol::icmp) + edge_.packets().flows(Protocol::udp);
  });
}

std::vector<Prefix> prefixes_for(const edge::Snapshot& snapshot, edge::DeviceId device) {
  const auto identity = snapshot.identities->find(device);
  if (identity == snapshot.identities->end()) return {};
  const auto prefixes = snapshot.routing->prefixes.find(identity->second->network);
  return prefixes == snapshot.routing->prefixes.end() ? std::vector<Prefix>() : prefixes->second;
}

}  // namespace oneping
