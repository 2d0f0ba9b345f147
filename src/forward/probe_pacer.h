// Spaces out what will expire at routers near by, so that many traceroutes at once do not use up
// what those routers say in a second: most answer few probes, and the rest are stars for everybody.
//
// A packet that leaves with a hop limit of at most kDistances is taken for a probe: it expires at
// a router of that distance, if its destination is not nearer. Those of one distance, whose routers
// are often the same, share a rate. What comes faster waits, in order and not for long; what would
// have to wait too long is refused, and so is a client's who has his share waiting. Refused is also
// what is larger than `max_size`: of buffers for such packets there are few.
//
// A probe's time as its sender measures it includes its wait.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/packet.h"
#include "base/time.h"
#include "forward/link.h"
#include "wire/ip.h"

namespace oneping {

class ProbePacer {
 public:
  static constexpr std::size_t kDistances = 8;

  struct Options {
    std::uint32_t per_second = 100;  // of each distance and family, at least 1
    std::uint32_t burst = 20;        // that do not wait, at least 1
    Duration max_wait = std::chrono::seconds(1);
    std::size_t per_client = 50;                                   // that wait at one distance
    std::size_t max_size = PacketPool::Options().max_packet_size;  // bytes
  };

  // What waited and then could not be sent: as it came in, with the tag that it was given.
  using Refused = std::function<void(const IpView& packet, DropReason reason, std::size_t mtu,
                                     std::uint8_t tag, Time now)>;

  ProbePacer(const Options& options, Refused refused);

  // Everything passes at once, or not.
  void enable(bool enabled) { is_enabled_ = enabled; }

  // As `link.send()`, now or in a while; refuses with probe_rate_limit. The link must live on.
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Link& link, std::uint8_t tag,
                                               Time now);

  void on_time(Time now);
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint64_t delayed() const { return delayed_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Held {
    Packet packet;
    IpAddress client;
    Link* link = nullptr;
    std::uint8_t tag = 0;
    Time due{};
  };
  // The probes of one distance and family.
  struct Lane {
    Time next{};             // when another may leave; in the past: as many as fit in between
    std::vector<Held> held;  // a ring, made when first needed
    std::size_t first = 0;
    std::size_t size = 0;
  };

  [[nodiscard]] Lane* lane_of(const IpView& packet);
  [[nodiscard]] bool may_wait(const Lane& lane, const IpAddress& client, Duration wait) const;
  [[nodiscard]] Held& at(Lane& lane, std::size_t place) const;
  void release_first(Lane& lane, Time now);

  Options options_;
  Refused on_refused_;
  Duration interval_;
  std::size_t capacity_;  // of a lane
  std::array<Lane, 2 * kDistances> lanes_;
  std::size_t waiting_ = 0;
  std::uint64_t delayed_ = 0;
  std::uint64_t refused_ = 0;
  bool is_enabled_ = true;
};

// A link to which probes go paced. What is said about the link is said of the one behind.
class PacedLink final : public Link {
 public:
  PacedLink(ProbePacer& pacer, Link& link, std::uint8_t tag)
      : pacer_(pacer), link_(link), tag_(tag) {}

  std::optional<DropReason> send(Packet& packet, Time now) override {
    return pacer_.send(packet, link_, tag_, now);
  }
  [[nodiscard]] bool takes_fragments() const override { return link_.takes_fragments(); }
  [[nodiscard]] std::size_t max_packet_size() const override { return link_.max_packet_size(); }

 private:
  ProbePacer& pacer_;
  Link& link_;
  std::uint8_t tag_;
};

}  // namespace oneping
