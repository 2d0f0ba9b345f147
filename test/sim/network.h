// The virtual world's time and its Internet: UDP packets travel between addresses with delay,
// jitter (which reorders), loss and outages, all from one seed.
#pragma once

#include <functional>
#include <map>
#include <queue>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "quic/path.h"

namespace oneping::sim {

// Things that happen at a time, in order; those of the same time in the order they were planned.
class Schedule {
 public:
  void at(Time time, std::function<void()> what) { queue_.push({time, next_++, std::move(what)}); }
  [[nodiscard]] Time next() const { return queue_.empty() ? kNever : queue_.top().time; }
  void run_due(Time now) {
    while (!queue_.empty() && queue_.top().time <= now) {
      auto what = std::move(const_cast<Event&>(queue_.top()).what);
      queue_.pop();
      what();
    }
  }

 private:
  struct Event {
    Time time;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return std::tie(other.time, other.order) < std::tie(time, order);
    }
  };
  std::priority_queue<Event> queue_;
  std::uint64_t next_ = 0;
};

struct Conditions {
  Duration delay = std::chrono::milliseconds(5);
  Duration jitter{};  // up to so much more, so packets overtake each other
  double loss = 0;    // 0..1
};

class Network {
 public:
  using Receiver = std::function<void(const quic::Path&, Bytes)>;

  Network(Schedule& schedule, Random& random) : schedule_(schedule), random_(random) {}

  void attach(const SocketAddress& address, Receiver receiver) {
    receivers_[address] = std::move(receiver);
  }
  void detach(const SocketAddress& address) { receivers_.erase(address); }
  // Nothing goes to or from it any more, and nobody is told.
  void cut(const SocketAddress& address, bool is_cut) { cut_[address] = is_cut; }

  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size, Time now) {
    for (std::size_t at = 0; at < bytes.size(); at += segment_size) {
      send_one(path, bytes.subspan(at, std::min(segment_size, bytes.size() - at)), now);
    }
  }

  Conditions conditions;

 private:
  void send_one(const quic::Path& path, Bytes bytes, Time now) {
    if (random_.unit() < conditions.loss || cut_[path.local] || cut_[path.remote]) return;
    const auto jitter =
        static_cast<Duration::rep>(random_.unit() * static_cast<double>(conditions.jitter.count()));
    schedule_.at(now + conditions.delay + Duration(jitter),
                 [this, path, copy = std::vector<std::uint8_t>(bytes.begin(), bytes.end())] {
                   const auto receiver = receivers_.find(path.remote);
                   if (receiver == receivers_.end()) return;
                   receiver->second({.local = path.remote, .remote = path.local}, copy);
                 });
  }

  Schedule& schedule_;
  Random& random_;
  std::map<SocketAddress, Receiver> receivers_;
  std::map<SocketAddress, bool> cut_;
};

// A node's way out into the network.
class NetworkSender final : public quic::UdpSender {
 public:
  NetworkSender(Network& network, const Time& now) : network_(network), now_(now) {}
  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size) override {
    network_.send(path, bytes, segment_size, now_);
  }

 private:
  Network& network_;
  const Time& now_;
};

}  // namespace oneping::sim
