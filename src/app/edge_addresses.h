// The addresses of the edges that a connector was given by name. Names are looked up at start and
// again when a connection is dialled and the last answer is old; an answer that fails leaves the
// earlier addresses in place.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "io/event_loop.h"
#include "io/resolve.h"

namespace oneping {

class EdgeAddresses {
 public:
  // The loop must outlive this.
  EdgeAddresses(std::vector<HostPort> names, EventLoop& loop);

  // Asks for all names; `on_known` is called in a later turn, at the first answer. If that one
  // failed no address may be known yet: a dial then fails, and backs off.
  void resolve(std::function<void()> on_known);

  // The address for a connection's n-th dial: connections start at different ones and take the next
  // each time. Null while none is known. Looks names up again when the answers are old.
  [[nodiscard]] const SocketAddress* choose(std::size_t connection, unsigned attempt, Time now);
  // All that are known.
  [[nodiscard]] const std::vector<SocketAddress>& all() const { return all_; }
  // Why the last lookup of a name found nothing; nothing if it found something.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  struct Name {
    HostPort name;
    std::vector<SocketAddress> addresses;
    bool asked = false;  // an answer is under way
  };

  void refresh(Time now);
  void on_answer(std::size_t index, const Resolver::Answer& answer);

  EventLoop& loop_;
  std::vector<Name> names_;
  std::vector<SocketAddress> all_;
  std::optional<Error> problem_;
  std::function<void()> on_known_;
  Time asked_at_{};
  Resolver resolver_;
};

}  // namespace oneping
