// Host names to addresses, without stopping the event loop: the system's resolver runs on a thread
// of its own for each lookup, and the answer comes back in a turn of the loop.
//
// At most kMaxLookups run at once; one more fails. The loop must outlive the resolver. A lookup
// that is still running when the resolver is destroyed ends by itself, unheard.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/event_loop.h"
#include "wire/ip_address.h"

namespace oneping {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  // "edge.example:7844", "192.0.2.1:7844", "[2001:db8::1]:7844". Port 0 is refused.
  [[nodiscard]] static std::optional<HostPort> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// The addresses of a host, as the system prefers them; or why there is none, in its words. Waits
// for the system's resolver: for threads that may take their time.
[[nodiscard]] Result<std::vector<IpAddress>> resolve_host(const std::string& host);

class Resolver {
 public:
  static constexpr int kMaxLookups = 16;
  // Never empty on success; in the system's order of preference (RFC 6724).
  using Answer = Result<std::vector<SocketAddress>>;

  explicit Resolver(EventLoop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls back once, in a later turn.
  void resolve(const HostPort& name, std::function<void(const Answer&)> on_answer);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace oneping
