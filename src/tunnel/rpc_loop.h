// The kj event loop of a thread: Cap'n Proto's promises run on it, polled once a turn, never waited
// for. kj allows one loop a thread, so every connection of the thread shares it by shared_ptr; it
// goes away with the last of them. It must outlive every kj object of its thread.
#pragma once

#include <kj/async.h>

#include <memory>

namespace oneping::tunnel {

class RpcLoop {
 public:
  [[nodiscard]] static std::shared_ptr<RpcLoop> of_this_thread();

  RpcLoop() : scope_(loop_) {}
  RpcLoop(const RpcLoop&) = delete;
  RpcLoop& operator=(const RpcLoop&) = delete;

  // Runs everything that is ready, of all connections. Not to be called from a promise's callback.
  void poll() { scope_.poll(); }

 private:
  kj::EventLoop loop_;
  kj::WaitScope scope_;
};

}  // namespace oneping::tunnel
