// Gathers what there is to know of the way to a destination: from the directory, from the edge, and
// by a path check that runs there. What it means, why() says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "control/control.h"
#include "control/reference.h"
#include "control/why.h"

namespace oneping::control {

struct WhyInput {
  std::optional<std::string> to;    // an address or a name, perhaps with a port; always given
  std::optional<Reference> from;    // a device; nothing: the edge asks for itself
  std::optional<Reference> vnet;    // the device's, or `default`, if not given
  std::optional<std::string> port;  // "443", "53/udp": instead of one in `to`
};

// One that is under way. Asking again tells more, until it is complete. It ends with the object.
class Diagnosis {
 public:
  // `rounds` of probes; nothing: until it ends. Refused if the device is not known, and when the
  // edge has too many to do. A name that does not resolve is no refusal, but a verdict.
  [[nodiscard]] static Outcome<std::unique_ptr<Diagnosis>> start(Control& control,
                                                                 const WhyInput& input,
                                                                 Duration interval,
                                                                 std::optional<unsigned> rounds);
  ~Diagnosis();
  Diagnosis(const Diagnosis&) = delete;
  Diagnosis& operator=(const Diagnosis&) = delete;

  // What is known now; asks the edge.
  [[nodiscard]] Outcome<WhyFacts> facts();
  [[nodiscard]] bool is_complete() const { return is_complete_; }

 private:
  explicit Diagnosis(Control& control) : control_(control) {}
  [[nodiscard]] Outcome<void> find_out(const WhyInput& input);
  [[nodiscard]] Outcome<void> measure(Duration interval, std::optional<unsigned> rounds);
  [[nodiscard]] Outcome<void> ask_edge(WhyFacts& facts);

  Control& control_;
  WhyFacts facts_;
  std::optional<edge::PortQuestion> port_;
  std::optional<Id> device_;
  Id vnet_ = kDefaultVnet;
  std::optional<Uuid> tunnel_;
  std::optional<edge::PathCheckRef> check_;
  bool is_complete_ = false;
};

}  // namespace oneping::control
