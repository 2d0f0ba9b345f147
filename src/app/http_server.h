// cpp-httplib's server with bounds that it does not have itself: a request, head and body together,
// has so many bytes and so much time, however slowly or endlessly its peer sends; and a peer on a
// Unix socket is known by the user that the kernel saw when it connected.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>

namespace oneping {

struct HttpBounds {
  std::size_t max_body = 1024;  // bytes; larger ones are answered 413
  std::size_t max_head = 65536;
  std::chrono::milliseconds request_time{5000};  // from its first byte to its last
  std::chrono::milliseconds idle_time{2000};     // before a request's first byte
  std::size_t requests_per_connection = 1;
};

class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(const HttpBounds& bounds);

  // Once bound: so many may wait to be taken, of which the library allows five.
  void set_backlog(int backlog);

  // Whether the peer that the calling thread answers has ended its side of the connection: then
  // nobody waits for an answer that lasts.
  [[nodiscard]] static bool peer_has_left();

 private:
  bool process_and_close_socket(socket_t socket) override;

  const HttpBounds bounds_;
};

}  // namespace oneping
