#include "tunnel/rpc_loop.h"

namespace oneping::tunnel {

std::shared_ptr<RpcLoop> RpcLoop::of_this_thread() {
  thread_local std::weak_ptr<RpcLoop> current;
  auto loop = current.lock();
  if (!loop) {
    loop = std::make_shared<RpcLoop>();
    current = loop;
  }
  return loop;
}

}  // namespace oneping::tunnel
