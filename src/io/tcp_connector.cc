#include "io/tcp_connector.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "io/socket_address.h"
#include "io/system_error.h"

namespace oneping {

namespace {

// Three SYNs, within 3 s; the last is waited for until 7 s (tcp(7), TCP_SYNCNT).
constexpr int kRetries = 2;

bool watch(int epoll, int fd, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.fd = fd}};
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

TcpConnector::TcpConnector()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (epoll_ && (!wake_ || !watch(epoll_.get(), wake_.get(), EPOLLIN))) epoll_ = Fd();
}

void TcpConnector::connect(const SocketAddress& destination, Done done) {
  if (attempts_.size() >= kMaxAtOnce) return tell_later(std::move(done), "too many are under way");
  auto socket = begin(destination);
  if (!socket) return tell_later(std::move(done), socket.error().message);
  const int fd = socket->get();
  if (!watch(epoll_.get(), fd, EPOLLOUT)) return tell_later(std::move(done), errno_text(errno));
  attempts_[fd] = {std::move(*socket), std::move(done)};
}

Result<Fd> TcpConnector::begin(const SocketAddress& destination) {
  const int family = system_family(destination.address.family());
  Fd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail(errno_text(errno));
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_SYNCNT, &kRetries, sizeof kRetries);
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(destination, storage);
  const int result = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&storage), size);
  if (result != 0 && errno != EINPROGRESS) return fail(errno_text(errno));
  return socket;
}

void TcpConnector::tell_later(Done done, std::string error) {
  refusals_.emplace_back(std::move(done), std::move(error));
  ::eventfd_write(wake_.get(), 1);
}

void TcpConnector::on_readable() {
  eventfd_t ignored = 0;
  ::eventfd_read(wake_.get(), &ignored);
  for (const auto& [done, error] : std::exchange(refusals_, {})) done(error);

  std::array<epoll_event, 16> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    auto attempt = attempts_.extract(events[static_cast<std::size_t>(i)].data.fd);
    if (attempt.empty()) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(attempt.key(), SOL_SOCKET, SO_ERROR, &error, &size);
    attempt.mapped().socket = Fd();
    attempt.mapped().done(error == 0 ? std::string() : errno_text(error));
  }
}

}  // namespace oneping
