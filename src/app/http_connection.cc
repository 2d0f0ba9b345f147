#include "app/http_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "app/socket_peer.h"

namespace oneping {

namespace {
// A peer that takes nothing for so long is given up.
constexpr std::chrono::milliseconds kWritePatience{5000};
}  // namespace

// So that a peer that still sends gets what was answered, and no reset.
HttpConnection::~HttpConnection() { (void)::shutdown(fd_.get(), SHUT_RDWR); }

bool HttpConnection::wait(std::chrono::milliseconds patience) const {
  return begin_ < end_ || poll_for(POLLIN, patience);
}

bool HttpConnection::peer_has_left() const {
  return poll_for(POLLRDHUP, std::chrono::milliseconds(0));
}

void HttpConnection::begin_request(std::size_t bytes, std::chrono::milliseconds time) {
  bytes_left_ = bytes;
  deadline_ = Clock::now() + time;
}

bool HttpConnection::is_writable() const { return poll_for(POLLOUT, kWritePatience); }

ssize_t HttpConnection::read(char* to, std::size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0 || !poll_for(POLLIN, time_left())) return -1;
    const ssize_t got = ::recv(fd_.get(), buffer_.data(), std::min(buffer_.size(), bytes_left_), 0);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    bytes_left_ -= end_;
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::copy_n(buffer_.data() + begin_, taken, to);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t HttpConnection::write(const char* from, std::size_t size) {
  if (!is_writable()) return -1;
  return ::send(fd_.get(), from, size, MSG_NOSIGNAL);
}

void HttpConnection::get_remote_ip_and_port(std::string& address, int& port) const {
  const SocketPeer peer = peer_of(fd_.get());
  address = peer.who;
  port = peer.port;
}

// Of no use to us.
void HttpConnection::get_local_ip_and_port(std::string& address, int& port) const {
  address.clear();
  port = 0;
}

std::chrono::milliseconds HttpConnection::time_left() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

bool HttpConnection::poll_for(short events, std::chrono::milliseconds patience) const {
  pollfd asked{fd_.get(), events, 0};
  return ::poll(&asked, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace oneping
