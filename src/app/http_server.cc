#include "app/http_server.h"

#include <algorithm>

#include "app/http_connection.h"

namespace oneping {

namespace {
// So often an idle connection looks whether the server has stopped.
constexpr std::chrono::milliseconds kBeat{100};

// A thread of the server answers one connection at a time.
thread_local const HttpConnection* answered = nullptr;
}  // namespace

HttpServer::HttpServer(const HttpBounds& bounds) : bounds_(bounds) {
  set_payload_max_length(bounds.max_body);
  set_keep_alive_max_count(bounds.requests_per_connection);
}

void HttpServer::set_backlog(int backlog) { (void)::listen(svr_sock_, backlog); }

bool HttpServer::process_and_close_socket(socket_t socket) {
  HttpConnection connection{Fd(socket)};
  answered = &connection;
  const auto request_comes = [&] {
    for (auto left = bounds_.idle_time; left.count() > 0 && svr_sock_ != INVALID_SOCKET;
         left -= kBeat) {
      if (connection.wait(std::min(left, kBeat))) return true;
    }
    return false;
  };
  for (std::size_t left = bounds_.requests_per_connection; left > 0 && request_comes(); --left) {
    connection.begin_request(bounds_.max_head + bounds_.max_body, bounds_.request_time);
    bool over = false;
    if (!process_request(connection, left == 1, over, nullptr) || over) break;
  }
  answered = nullptr;
  return true;
}

bool HttpServer::peer_has_left() { return answered != nullptr && answered->peer_has_left(); }

}  // namespace oneping
