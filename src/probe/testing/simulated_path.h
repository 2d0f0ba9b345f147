// For tests: a path of routers to a destination, as a link. Each hop has its time, and its faults
// if asked for; the first hops are the edge and the connector if a test says so. Packets are real,
// and what comes back is read by nobody but the tool.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "probe/tool.h"
#include "test/support/packet_builder.h"
#include "wire/ip.h"

namespace oneping::probe {

struct SimulatedHop {
  // With several, probes go to one after the other (a load-balanced hop).
  std::vector<std::string> addresses;
  // From the source to here and back. Cycled through by probe; out of order if they differ enough.
  std::vector<Duration> round_trips = {std::chrono::milliseconds(1)};
  bool silent = false;
  // The share of answers that are lost, at random.
  double loss = 0;
  // The shortest time between two of its errors.
  std::optional<Duration> error_gap = std::nullopt;
  // Answers with this ICMP error instead of passing anything on.
  struct Error {
    int type, code;
  };
  std::optional<Error> refuses = std::nullopt;
  // Of the link behind it.
  std::size_t mtu = 1500;
  // Each answer comes so many times more.
  int duplicates = 0;
  // What is done to its replies before they leave.
  std::function<void(test::ByteVector& payload)> change_reply = nullptr;
};

class SimulatedPath final : public Link {
 public:
  // The last hop is the destination.
  SimulatedPath(std::vector<SimulatedHop> hops, std::uint64_t seed);

  std::optional<DropReason> send(Packet& packet, Time now) override;
  [[nodiscard]] std::size_t max_packet_size() const override { return max_packet_size_; }
  void set_max_packet_size(std::size_t size) { max_packet_size_ = size; }
  void refuse(std::optional<DropReason> reason) { refusal_ = reason; }

  // When the next packet comes back, kNever if none does.
  [[nodiscard]] Time next_arrival() const;
  // The packet of that time.
  [[nodiscard]] test::ByteVector take_arrival();

  // Everything that was sent, as it left.
  [[nodiscard]] const std::vector<test::ByteVector>& sent() const { return sent_; }
  void keep_sent(bool keep) { keeps_sent_ = keep; }
  [[nodiscard]] std::uint64_t sent_count() const { return sent_count_; }

 private:
  void answer(std::size_t hop, const IpView& request, Time now);
  void error(std::size_t hop, const IpView& about, SimulatedHop::Error error, std::uint32_t rest,
             Time now);
  void come_back(std::size_t hop, test::ByteVector packet, Time now);
  [[nodiscard]] std::string address_of(std::size_t hop) const;

  std::vector<SimulatedHop> hops_;
  std::vector<std::optional<Time>> last_error_;
  SeededRandom random_;
  std::multimap<Time, test::ByteVector> arrivals_;
  std::vector<test::ByteVector> sent_;
  std::uint64_t sent_count_ = 0;
  bool keeps_sent_ = true;
  std::optional<DropReason> refusal_;
  std::size_t max_packet_size_ = 1500;
};

// Names that come after a while, in the order of asking.
class SimulatedNames final : public NameSource {
 public:
  void ask(const IpAddress& address) override { asked.push_back(address); }

  std::map<std::string, std::string> names;  // by address
  Duration delay = std::chrono::milliseconds(10);
  std::vector<IpAddress> asked;
};

struct RecordedText final : TextSink {
  void out(std::string_view text) override { output += text; }
  void err(std::string_view text) override { errors += text; }
  std::string output, errors;
};

// A tool's surroundings and a virtual clock.
struct Simulation {
  explicit Simulation(std::vector<SimulatedHop> hops, std::uint64_t seed = 1)
      : path(std::move(hops), seed), random(seed) {}

  [[nodiscard]] ToolHost host() { return {path, pool, random, text, names}; }
  // Starts the tool and lets it run until it is done, or until `until`.
  void run(Tool& tool, Time until = kNever);
  // Goes on.
  void go_on(Tool& tool, Time until = kNever);

  PacketPool pool{{.max_packet_size = 4096, .max_packets = 64}};
  SimulatedPath path;
  SimulatedNames names;
  RecordedText text;
  SeededRandom random;
  Time now{std::chrono::seconds(100)};

 private:
  std::map<Time, std::vector<IpAddress>> lookups_;
};

}  // namespace oneping::probe
