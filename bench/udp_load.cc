// UDP: asks an echo server as fast as its answers come, or as often as it is told; is that server;
// or is a plain relay, one socket on each side and nothing else, which is the bare ceiling of what
// a connector can do.
#include <poll.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "batch.h"
#include "io/fd.h"
#include "io/socket_address.h"
#include "load_options.h"
#include "output.h"
#include "program.h"

namespace oneping::bench {
namespace {

constexpr std::size_t kNumberSize = 8;
constexpr std::size_t kMaxPayload = 1472;

[[noreturn]] void give_up(const std::string& tried) {
  throw std::runtime_error(tried + ": " + std::strerror(errno));
}

Fd open_socket(IpFamily family) {
  Fd fd(socket(system_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) give_up("opening a UDP socket");
  constexpr int kBuffer = 4 << 20;
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof kBuffer);
  return fd;
}

Fd listen_at(const SocketAddress& address) {
  Fd fd = open_socket(address.address.family());
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(address, storage);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) give_up("bind");
  return fd;
}

Fd connect_to(const SocketAddress& address) {
  Fd fd = open_socket(address.address.family());
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(address, storage);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) give_up("connect");
  return fd;
}

void wait_for(int fd, Duration longest) {
  const timespec timeout{.tv_sec = 0, .tv_nsec = longest.count()};
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  ppoll(&entry, 1, &timeout, nullptr);
}

class Asking {
 public:
  Asking(const SocketAddress& server, std::size_t payload, const LoadOptions& load)
      : payload_(payload),
        fd_(connect_to(server)),
        meter_(load, clock_now()),
        requests_(payload, 0),
        answers_(kMaxPayload, 0) {}

  void run() {
    constexpr Duration kLongest = std::chrono::milliseconds(10);
    Time now = clock_now();
    double cpu_before = -1;
    while (!meter_.is_finished(now)) {
      if (cpu_before < 0 && meter_.is_measuring(now)) cpu_before = cpu_seconds();
      const bool sent = send_due(now);
      const bool received = receive();
      if (!sent && !received) {
        const Time due = meter_.next_due();
        wait_for(fd_.get(),
                 std::clamp(due == kNever ? kLongest : due - now, Duration(1), kLongest));
      }
      now = clock_now();
    }
    print(meter_.report(), cpu_seconds() - cpu_before);
  }

 private:
  bool send_due(Time now) {
    const std::size_t count = std::min(meter_.due(now), kBatch);
    for (std::size_t i = 0; i < count; ++i) {
      store_be64(requests_.data(i), meter_.next_number() + i);
    }
    if (count == 0) return false;
    const int sent = sendmmsg(fd_.get(), requests_.messages(), static_cast<unsigned>(count), 0);
    for (int i = 0; i < sent; ++i) meter_.on_sent(now);
    return sent > 0;
  }

  bool receive() {
    const int received = recvmmsg(fd_.get(), answers_.messages(), kBatch, 0, nullptr);
    const Time now = clock_now();
    for (int i = 0; i < received; ++i) {
      const auto place = static_cast<std::size_t>(i);
      if (answers_.message(place).msg_len != payload_) continue;
      meter_.on_reply(load_be64(answers_.data(place)), now);
    }
    return received > 0;
  }

  std::size_t payload_;
  Fd fd_;
  LoadMeter meter_;
  Batch requests_;
  Batch answers_;
};

// Datagrams of one socket, sent on to another as they are, or back to where they came from.
class Passing {
 public:
  Passing() : batch_(kMaxPayload, 0) {}

  // False: there was nothing. `peer`: where they came from last.
  bool pass(int from, int to, sockaddr_storage* peer, const sockaddr_storage* target) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      msghdr& message = batch_.message(i).msg_hdr;
      message.msg_iov->iov_len = kMaxPayload;
      message.msg_name = &names_[i];
      message.msg_namelen = sizeof names_[i];
    }
    const int received = recvmmsg(from, batch_.messages(), kBatch, 0, nullptr);
    if (received <= 0) return false;
    const auto count = static_cast<std::size_t>(received);
    if (peer != nullptr) *peer = names_[count - 1];
    for (std::size_t i = 0; i < count; ++i) {
      msghdr& message = batch_.message(i).msg_hdr;
      message.msg_iov->iov_len = batch_.message(i).msg_len;
      if (from == to) continue;  // back to each
      message.msg_name = const_cast<sockaddr_storage*>(target);
      message.msg_namelen = target == nullptr ? 0 : size_of(*target);
    }
    sendmmsg(to, batch_.messages(), static_cast<unsigned>(count), 0);
    return true;
  }

 private:
  static socklen_t size_of(const sockaddr_storage& address) {
    return address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  }
  std::array<sockaddr_storage, kBatch> names_{};
  Batch batch_;
};

[[noreturn]] void echo(const SocketAddress& at) {
  const Fd fd = listen_at(at);
  const auto passing = std::make_unique<Passing>();
  for (;;) {
    if (!passing->pass(fd.get(), fd.get(), nullptr, nullptr)) {
      wait_for(fd.get(), std::chrono::milliseconds(100));
    }
  }
}

[[noreturn]] void relay(const SocketAddress& at, const SocketAddress& to) {
  const Fd near = listen_at(at);
  const Fd far = connect_to(to);
  const auto passing = std::make_unique<Passing>();
  sockaddr_storage client{};
  for (;;) {
    const bool out = passing->pass(near.get(), far.get(), &client, nullptr);
    const bool back = passing->pass(far.get(), near.get(), nullptr, &client);
    if (out || back) continue;
    std::array<pollfd, 2> entries{{{.fd = near.get(), .events = POLLIN, .revents = 0},
                                   {.fd = far.get(), .events = POLLIN, .revents = 0}}};
    poll(entries.data(), entries.size(), 100);
  }
}

int run(int argc, char** argv) {
  std::string address;
  std::string to;
  std::size_t payload = 1200;
  LoadOptions load;
  CLI::App app("UDP load, and what it is measured against.");
  app.require_subcommand(1);
  auto* ask = app.add_subcommand("ask", "measure an echo server");
  ask->add_option("server", address)->required();
  ask->add_option("--payload", payload)->check(CLI::Range(kNumberSize, kMaxPayload));
  add_load_options(*ask, load);
  auto* echo_server = app.add_subcommand("echo", "be the echo server");
  echo_server->add_option("address", address)->required();
  auto* plain = app.add_subcommand("relay", "be a plain relay");
  plain->add_option("address", address)->required();
  plain->add_option("to", to)->required();
  CLI11_PARSE(app, argc, argv);
  const SocketAddress first = SocketAddress::parse(address).value();
  if (*echo_server) echo(first);
  if (*plain) relay(first, SocketAddress::parse(to).value());
  std::make_unique<Asking>(first, payload, load)->run();
  return 0;
}

}  // namespace
}  // namespace oneping::bench

int main(int argc, char** argv) {
  return oneping::bench::run_program("udp_load", oneping::bench::run, argc, argv);
}
