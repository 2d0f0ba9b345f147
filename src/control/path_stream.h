// The events of a diagnosis that goes on: hops as they change, a ping for each round, and the
// verdict whenever it is another (GET /path).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "control/diagnosis.h"
#include "control/event_hub.h"
#include "control/json_text.h"

namespace oneping::control {

[[nodiscard]] Json show_why(const WhyAnswer& answer);
[[nodiscard]] Json show_hop(const edge::HopReport& hop);

class PathStream final : public EventReader {
 public:
  // So often the edge is asked.
  static constexpr Duration kBeat = std::chrono::milliseconds(250);

  explicit PathStream(std::unique_ptr<Diagnosis> diagnosis) : diagnosis_(std::move(diagnosis)) {}

  // Over when the edge does not answer.
  [[nodiscard]] std::optional<std::string> next(Duration patience) override;

  // What is new since the last call; empty: nothing. The part without waiting.
  [[nodiscard]] std::optional<std::string> news();

 private:
  void add_hops(const edge::PathReport& path, std::string& text);
  void add_ping(const edge::PathReport& path, std::string& text);

  std::unique_ptr<Diagnosis> diagnosis_;
  std::map<unsigned, edge::HopReport> hops_;  // as told last
  std::uint64_t settled_ = 0;                 // pings of the destination that were told
  std::uint64_t answered_ = 0;
  std::string verdict_;
};

}  // namespace oneping::control
