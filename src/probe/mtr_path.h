// The path as mtr sees it so far: its hops, and where it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "probe/hop_statistics.h"
#include "probe/legs.h"
#include "probe/mtr_options.h"
#include "probe/probe_history.h"

namespace oneping::probe {

struct MtrHop {
  static constexpr std::size_t kMaxAddresses = 8;

  HopStatistics statistics;
  ProbeHistory history;
  // Who answered last. Nothing before any answer.
  std::optional<IpAddress> address;
  // All that ever answered, in the order of their first answer; more than kMaxAddresses are not
  // kept.
  std::vector<IpAddress> addresses;
  bool is_unreachable = false;  // the last answer was an error that ends the path
  // That error, by its ICMP numbers.
  struct Error {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
  };
  std::optional<Error> error;
  std::optional<std::uint32_t> mtu;

  void on_answer(const IpAddress& from);
};

class MtrPath {
 public:
  explicit MtrPath(const MtrOptions& options);

  // By TTL, 1 .. max_ttl.
  [[nodiscard]] MtrHop& hop(unsigned ttl) { return hops_[ttl - 1]; }
  [[nodiscard]] const MtrHop& hop(unsigned ttl) const { return hops_[ttl - 1]; }

  [[nodiscard]] bool is_destination(unsigned ttl) const { return hop(ttl).address == destination_; }
  // Whether nothing lies behind this hop: the destination, or a router that cannot go on.
  [[nodiscard]] bool ends_at(unsigned ttl) const {
    return is_destination(ttl) || hop(ttl).is_unreachable;
  }
  // The hops to show, from the first TTL on: up to the destination or to an unreachable, else up to
  // the one behind the last that answered.
  [[nodiscard]] unsigned first_ttl() const { return first_ttl_; }
  [[nodiscard]] unsigned last_ttl() const;

  // The average way to the destination in its parts, once it has answered.
  [[nodiscard]] std::optional<LegTimes> split(const Legs& legs) const;

  void reset();

 private:
  IpAddress destination_;
  unsigned first_ttl_;
  std::vector<MtrHop> hops_;
};

}  // namespace oneping::probe
