// A ping that runs beside whatever a test does.
#pragma once

#include <algorithm>

#include "test/sim/world.h"

namespace oneping::sim {

class Pinger final : public Participant {
 public:
  // `id` tells its echoes from those of others of the same client.
  Pinger(World& world, Client& client, const char* to, Duration interval, std::uint16_t id = 7)
      : world_(world),
        client_(client),
        to_(IpAddress::parse(to).value()),
        interval_(interval),
        id_(id),
        next_(world.now) {
    world_.others.push_back(this);
  }
  ~Pinger() override { stop(); }
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  void stop() { std::erase(world_.others, static_cast<Participant*>(this)); }

  [[nodiscard]] Time next_deadline() const override { return next_; }
  void turn(Time now) override {
    if (now < next_) return;
    next_ = now + interval_;
    world_.ping(client_, to_, {id_, static_cast<std::uint16_t>(++sent_)});
  }

  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] std::size_t answered() const { return count(client_.replies); }
  [[nodiscard]] std::size_t refused() const { return count(client_.errors); }
  // Once nothing is under way any more.
  [[nodiscard]] std::size_t lost() const { return sent_ - answered() - refused(); }

 private:
  [[nodiscard]] std::size_t count(const std::vector<Received>& received) const {
    return static_cast<std::size_t>(
        std::ranges::count(received, id_, [](const Received& r) { return r.identity.id; }));
  }

  World& world_;
  Client& client_;
  IpAddress to_;
  Duration interval_;
  std::uint16_t id_;
  Time next_;
  std::size_t sent_ = 0;
};

}  // namespace oneping::sim
