// Makes TCP connections, to find out whether they can be made, and closes them at once. They are
// all in one epoll set, which is one descriptor to the event loop. The system gives up of itself
// after some seconds.
#pragma once

#include <map>

#include "base/result.h"
#include "io/fd.h"
#include "proxy/tcp_backend.h"

namespace oneping {

class TcpConnector final : public TcpBackend {
 public:
  static constexpr std::size_t kMaxAtOnce = 64;

  TcpConnector();

  // For the event loop: watch it, and call on_readable(). Negative: the system gave no epoll set,
  // and no connection is made.
  [[nodiscard]] int fd() const { return epoll_.get(); }
  void on_readable();

  void connect(const SocketAddress& destination, Done done) override;
  // Under way.
  [[nodiscard]] std::size_t size() const { return attempts_.size(); }

 private:
  struct Attempt {
    Fd socket;
    Done done;
  };
  // A socket that is connecting.
  [[nodiscard]] static Result<Fd> begin(const SocketAddress& destination);
  void tell_later(Done done, std::string error);

  Fd epoll_;
  Fd wake_;                          // readable while there are refusals to tell
  std::map<int, Attempt> attempts_;  // by descriptor
  std::vector<std::pair<Done, std::string>> refusals_;
};

}  // namespace oneping
