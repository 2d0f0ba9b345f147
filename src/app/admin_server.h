// The HTTP endpoint for operators: GET /healthz (alive), /ready (200 or 503, JSON), /metrics
// (Prometheus' text format).
//
// It runs on threads of its own, a few at most, and asks for the values on the event loop's thread;
// a loop that does not answer within a second makes it answer 503. At a loopback address requests
// whose Host header is not this machine are refused, so that no web page can read it by DNS
// rebinding; at another one every Host will do, and the log warns of it at start. The loop, and
// what `source` refers to, must outlive the server. A loop that has stopped is fine.
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "base/result.h"
#include "io/event_loop.h"
#include "wire/ip_address.h"

namespace oneping {

// Called on the loop's thread, but for the last.
struct AdminSource {
  std::function<bool()> is_ready;
  // What /ready says besides `status`: an object.
  std::function<nlohmann::json()> details;
  std::function<std::vector<prometheus::MetricFamily>()> metrics;
  // More of them, from a thread of the server: what is not the loop's. May be empty.
  std::function<std::vector<prometheus::MetricFamily>()> metrics_off_loop = {};
};

class AdminServer {
 public:
  // Port 0: the system chooses.
  [[nodiscard]] static Result<std::unique_ptr<AdminServer>> start(const SocketAddress& address,
                                                                  EventLoop& loop,
                                                                  AdminSource source);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  [[nodiscard]] const SocketAddress& address() const;

 private:
  class Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping
