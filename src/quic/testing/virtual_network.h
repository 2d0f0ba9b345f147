// For tests: QUIC endpoints joined by a network that is a queue in virtual time, with delay, loss,
// reordering, duplication, an MTU and a NAT. Everything random comes from one seed.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/random.h"
#include "quic/endpoint.h"

namespace oneping::quic::testing {

inline SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }

struct LinkQuality {
  Duration delay = std::chrono::milliseconds(10);
  Duration jitter{};  // up to so much more: reorders
  double loss = 0;
  double duplication = 0;
  std::size_t max_udp_payload = 1472;
};

class VirtualNetwork {
 public:
  explicit VirtualNetwork(std::uint64_t seed) : random(seed) {}

  // What a host does with a packet that has no source address yet.
  void route(const SocketAddress& unspecified, const SocketAddress& source) {
    sources_[unspecified] = source;
  }
  // `endpoint` sends and receives at `at`. It must outlive the network or be detached.
  void attach(const SocketAddress& at, Endpoint& endpoint) { hosts_.push_back({at, &endpoint}); }
  void detach(const Endpoint& endpoint) {
    std::erase_if(hosts_, [&](const Host& host) { return host.endpoint == &endpoint; });
  }
  // From now on, packets from `inside` seem to come from `outside`, and what is sent there reaches
  // `inside`.
  void translate(const SocketAddress& inside, const SocketAddress& outside) {
    nat_[inside] = outside;
  }

  // From now on, what is sent from there or to it is lost.
  void block(const SocketAddress& at) { blocked_.push_back(at); }

  // Lets everything happen that is due up to `now + span`.
  void run(Duration span) {
    const Time end = now + span;
    flush();
    for (int turns = 0;; ++turns) {
      Time next = packets_.empty() ? kNever : packets_.begin()->first;
      for (const Host& host : hosts_) next = std::min(next, host.endpoint->next_deadline());
      if (next > end || turns > 2'000'000) break;
      now = std::max(now, next);
      deliver();
      for (const Host& host : hosts_) {
        if (host.endpoint->next_deadline() <= now) host.endpoint->on_time(now);
      }
      flush();
    }
    now = std::max(now, end);
  }
  // The same until `done`; false if it was not within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(30)) {
    const Time end = now + limit;
    while (!done() && now < end) run(std::chrono::milliseconds(1));
    return done();
  }

  void flush() {
    for (const Host& host : hosts_) {
      Sender sender(*this);
      host.endpoint->flush(now, sender);
    }
  }
  // A packet that nobody's endpoint sent.
  void inject(const Path& path, Bytes packet) { carry(path, packet); }

  SeededRandom random;
  LinkQuality link;
  Time now{};
  std::size_t sends = 0;    // calls of UdpSender::send
  std::size_t packets = 0;  // UDP payloads in them
  std::size_t bytes = 0;
  std::function<void(const Path&, Bytes)> watch;  // sees every packet that is sent

 private:
  struct Host {
    SocketAddress at;
    Endpoint* endpoint;
  };
  struct InFlight {
    SocketAddress from;
    SocketAddress to;
    std::vector<std::uint8_t> bytes;
  };
  class Sender final : public UdpSender {
   public:
    explicit Sender(VirtualNetwork& network) : network_(network) {}
    void send(const Path& path, Bytes run, std::size_t segment_size) override {
      ++network_.sends;
      network_.bytes += run.size();
      if (run.size() > 65000 || (run.size() + segment_size - 1) / segment_size > 64) {
        std::abort();  // what UdpSender does not allow
      }
      while (!run.empty()) {
        const std::size_t size = std::min(segment_size, run.size());
        ++network_.packets;
        network_.carry(path, run.first(size));
        run = run.subspan(size);
      }
    }

   private:
    VirtualNetwork& network_;
  };

  void carry(const Path& path, Bytes packet) {
    if (watch) watch(path, packet);
    if (packet.size() > link.max_udp_payload || random.unit() < link.loss) return;
    for (const SocketAddress& at : blocked_) {
      if (path.local == at || path.remote == at) return;
    }
    SocketAddress from = path.local;
    if (const auto source = sources_.find(from); source != sources_.end()) from = source->second;
    if (const auto mapped = nat_.find(from); mapped != nat_.end()) from = mapped->second;
    const InFlight copy{from, path.remote, {packet.begin(), packet.end()}};
    const int copies = random.unit() < link.duplication ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      const auto late = Duration(
          static_cast<Duration::rep>(random.unit() * static_cast<double>(link.jitter.count())));
      packets_.emplace(now + link.delay + late, copy);
    }
  }

  void deliver() {
    while (!packets_.empty() && packets_.begin()->first <= now) {
      InFlight packet = std::move(packets_.begin()->second);
      packets_.erase(packets_.begin());
      for (const auto& [inside, outside] : nat_) {
        if (packet.to == outside) packet.to = inside;
      }
      for (const Host& host : hosts_) {
        if (host.at != packet.to) continue;
        host.endpoint->on_packets({packet.to, packet.from}, packet.bytes, packet.bytes.size(), now);
        break;
      }
    }
  }

  std::vector<Host> hosts_;
  std::map<SocketAddress, SocketAddress> sources_;
  std::map<SocketAddress, SocketAddress> nat_;
  std::vector<SocketAddress> blocked_;
  std::multimap<Time, InFlight> packets_;
};

}  // namespace oneping::quic::testing
