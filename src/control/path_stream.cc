#include "control/path_stream.h"

#include <algorithm>
#include <thread>

#include "control/view.h"

namespace oneping::control {

namespace {

std::string event(const char* name, const Json& data) {
  return std::string("event: ") + name + "\ndata: " + to_text(data) + "\n\n";
}

}  // namespace

Json show_why(const WhyAnswer& answer) {
  Json evidence = Json::array();
  for (const WhyAnswer::Evidence& entry : answer.evidence) {
    evidence.push_back(
        {{"check", entry.check}, {"outcome", to_string(entry.outcome)}, {"detail", entry.detail}});
  }
  return {{"reachable", answer.reachable},
          {"cause", answer.cause},
          {"verdict", answer.verdict},
          {"fix", answer.fix.empty() ? Json(nullptr) : Json(answer.fix)},
          {"evidence", std::move(evidence)},
          {"legs",
           {{"device_edge_ms", milliseconds_or_null(answer.device_to_edge)},
            {"edge_connector_ms", milliseconds_or_null(answer.edge_to_connector)},
            {"connector_host_ms", milliseconds_or_null(answer.connector_to_host)}}}};
}

Json show_hop(const edge::HopReport& hop) {
  return {{"ttl", hop.ttl},
          {"address", hop.address ? Json(hop.address->to_string()) : Json(nullptr)},
          {"name", nullptr},
          {"role", to_string(hop.role)},
          {"sent", hop.sent},
          {"lost", hop.lost},
          {"last_ms", milliseconds_or_null(hop.last)},
          {"best_ms", milliseconds_or_null(hop.best)},
          {"avg_ms", milliseconds_or_null(hop.average)},
          {"worst_ms", milliseconds_or_null(hop.worst)},
          {"jitter_ms", milliseconds_or_null(hop.jitter)}};
}

std::optional<std::string> PathStream::next(Duration patience) {
  for (Duration waited{}; waited < patience; waited += kBeat) {
    auto text = news();
    if (!text || !text->empty()) return text;
    std::this_thread::sleep_for(std::min(kBeat, patience));
  }
  return ":\n\n";
}

std::optional<std::string> PathStream::news() {
  const auto facts = diagnosis_->facts();
  if (!facts) return std::nullopt;
  std::string text;
  if (facts->path) {
    add_hops(*facts->path, text);
    add_ping(*facts->path, text);
  }
  const std::string verdict = event("verdict", show_why(why(*facts)));
  // While nothing has come back yet, silence is no verdict.
  const bool is_early = facts->path && !facts->path->is_reached && !facts->path->is_complete &&
                        settled_ == 0 && !facts->path->hops.empty() &&
                        facts->path->hops.back().sent < 3;
  if (!is_early && verdict != verdict_) {
    verdict_ = verdict;
    text += verdict;
  }
  return text;
}

void PathStream::add_hops(const edge::PathReport& path, std::string& text) {
  for (const edge::HopReport& hop : path.hops) {
    const auto [known, is_new] = hops_.try_emplace(hop.ttl, hop);
    if (!is_new && known->second == hop) continue;
    known->second = hop;
    text += event("hop", show_hop(hop));
  }
}

void PathStream::add_ping(const edge::PathReport& path, std::string& text) {
  if (path.hops.empty() || !path.is_reached) return;
  const edge::HopReport& last = path.hops.back();
  const std::uint64_t answered = last.sent - std::min(last.sent, last.lost);
  const std::uint64_t settled = answered + last.lost;
  if (settled <= settled_) return;
  const bool is_answered = answered > answered_;
  settled_ = settled;
  answered_ = answered;
  text += event("ping", {{"sequence", settled},
                         {"rtt_ms", is_answered ? milliseconds_or_null(last.last) : Json(nullptr)},
                         {"error", nullptr}});
}

}  // namespace oneping::control
