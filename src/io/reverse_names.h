// Addresses to host names, without stopping the event loop: the system's resolver runs on threads
// of its own, at most kMaxThreads of them; further addresses wait. Answers come back in turns of
// the loop.
//
// The loop must outlive this. A lookup that is still running when it is destroyed ends by itself,
// unheard. Who asks must bound how many addresses he asks for.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/event_loop.h"
#include "wire/ip_address.h"

namespace oneping {

class ReverseNames {
 public:
  static constexpr std::size_t kMaxThreads = 8;
  // The name; empty if it has none.
  using OnName = std::function<void(const IpAddress& address, const std::string& name)>;

  ReverseNames(EventLoop& loop, OnName on_name);
  ~ReverseNames();
  ReverseNames(const ReverseNames&) = delete;
  ReverseNames& operator=(const ReverseNames&) = delete;

  // Answered once, in a later turn.
  void ask(const IpAddress& address);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace oneping
