#include "app/device_control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "app/socket_file.h"
#include "io/system_error.h"

namespace oneping {

namespace {

constexpr std::size_t kMaxQuestion = 64;
constexpr std::size_t kMaxAnswer = 4 << 20;  // thousands of routes
constexpr Duration kPatience = std::chrono::seconds(5);

sockaddr_un name_of(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), std::min(path.size(), sizeof name.sun_path - 1));
  return name;
}

Result<Fd> listen_at(const std::string& path) {
  if (auto clear = clear_socket_file(path); !clear) return tl::make_unexpected(clear.error());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un name = name_of(path);
  const PrivateUmask umask;
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(fd.get(), 16) != 0) {
    return system_failure("listening at " + path);
  }
  return fd;
}

// An answer that does not fit into the socket's buffer is waited for, a moment at most: whoever
// asks reads.
void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    pollfd ready{fd, POLLOUT, 0};
    if (errno != EAGAIN || ::poll(&ready, 1, 100) != 1) return;
  }
}

}  // namespace

Result<std::unique_ptr<DeviceControl>> DeviceControl::open(const std::string& path, EventLoop& loop,
                                                           Answer answer) {
  auto listener = listen_at(path);
  if (!listener) return tl::make_unexpected(listener.error());
  std::unique_ptr<DeviceControl> control(
      new DeviceControl(path, std::move(*listener), loop, std::move(answer)));
  auto watched = loop.watch(control->listener_.get(), [self = control.get()] { self->accept(); });
  if (!watched) return tl::make_unexpected(watched.error());
  return control;
}

DeviceControl::~DeviceControl() {
  loop_.unwatch(listener_.get());
  for (const auto& [fd, client] : clients_) loop_.unwatch(fd);
  remove_socket_file(path_);
}

void DeviceControl::accept() {
  Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd || clients_.size() >= kMaxClients) return;
  const int number = fd.get();
  if (!loop_.watch(number, [this, number] { on_readable(number); })) return;
  clients_.emplace(number, Client{std::move(fd), {}, loop_.now() + kPatience});
}

void DeviceControl::on_readable(int fd) {
  Client& client = clients_.at(fd);
  char bytes[kMaxQuestion];
  const ssize_t size = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0 || client.is_answered) return drop(fd);
  client.received.append(bytes, static_cast<std::size_t>(size));
  const auto end = client.received.find('\n');
  if (end == client.received.npos) {
    if (client.received.size() >= kMaxQuestion) drop(fd);
    return;
  }
  const std::string question = client.received.substr(0, end);
  send_all(fd, answer_(question) + '\n');
  client.is_answered = true;
  if (question != kAskDown) return drop(fd);
  client.until = kNever;
}

void DeviceControl::drop(int fd) {
  loop_.unwatch(fd);
  clients_.erase(fd);
}

Time DeviceControl::next_deadline() const {
  Time next = kNever;
  for (const auto& [fd, client] : clients_) next = std::min(next, client.until);
  return next;
}

void DeviceControl::on_time(Time now) {
  for (auto it = clients_.begin(); it != clients_.end();) {
    const auto [fd, until] = std::pair(it->first, it->second.until);
    ++it;
    if (now >= until) drop(fd);
  }
}

Result<std::optional<std::string>> ask_device(const std::string& path, const std::string& question,
                                              Until until, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + patience;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) return std::nullopt;  // nobody can listen there
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un name = name_of(path);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
    return system_failure("asking the device at " + path);
  }
  send_all(fd.get(), question + '\n');
  std::string answer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{fd.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) != 1) {
      return fail("the device at " + path + " does not answer");
    }
    char bytes[16384];
    const ssize_t size = ::recv(fd.get(), bytes, sizeof bytes, 0);
    const auto newline = answer.find('\n');
    if (size <= 0) {
      if (newline == answer.npos) return fail("the device at " + path + " did not answer");
      return answer.substr(0, newline);
    }
    answer.append(bytes, static_cast<std::size_t>(size));
    if (answer.size() > kMaxAnswer) return fail("the device at " + path + " does not end");
    const auto found = answer.find('\n');
    if (until == Until::answer && found != answer.npos) return answer.substr(0, found);
  }
}

}  // namespace oneping
