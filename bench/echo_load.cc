// Sends echo requests from one ping socket, 64 to a system call, with TTL and TOS for each, and
// measures what comes back. Towards a neighbour it is the bare ceiling of what a connector can do;
// towards an address behind a tunnel it measures the whole path.
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
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

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kNumberSize = 8;
constexpr std::size_t kMaxPayload = 1472;

struct Options {
  std::string destination;
  std::size_t payload = 56;
  LoadOptions load;
};

[[noreturn]] void give_up(const std::string& tried) {
  throw std::runtime_error(tried + ": " + std::strerror(errno));
}

void set_option(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) give_up("setsockopt");
}

Fd open_ping_socket(IpFamily family) {
  const bool v4 = family == IpFamily::v4;
  Fd fd(socket(system_family(family), SOCK_DGRAM | SOCK_NONBLOCK,
               v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}));
  if (!fd) give_up("opening a ping socket (see net.ipv4.ping_group_range)");
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, 4 << 20);
  set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, 4 << 20);
  const int level = v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6};
  set_option(fd.get(), level, v4 ? IP_RECVERR : IPV6_RECVERR, 1);
  set_option(fd.get(), level, v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
  set_option(fd.get(), level, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
  return fd;
}

void fill_control(cmsghdr* at, int level, int type, int value) {
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(at), &value, sizeof value);
}

class EchoLoad {
 public:
  explicit EchoLoad(const Options& options)
      : destination_(IpAddress::parse(options.destination).value()),
        payload_(options.payload),
        fd_(open_ping_socket(destination_.family())),
        meter_(options.load, clock_now()),
        requests_(kHeaderSize + payload_, 2 * CMSG_SPACE(sizeof(int))),
        replies_(sizeof(std::array<std::uint8_t, 2048>), 256) {
    prepare_requests();
  }

  void run() {
    Time now = clock_now();
    double cpu_before = -1;
    while (!meter_.is_finished(now)) {
      if (cpu_before < 0 && meter_.is_measuring(now)) cpu_before = cpu_seconds();
      const bool sent = send_due(now);
      const bool received = receive();
      if (!sent && !received) wait(now);
      now = clock_now();
    }
    print(meter_.report(), cpu_seconds() - cpu_before);
  }

 private:
  bool is_v4() const { return destination_.is_v4(); }

  void prepare_requests() {
    const socklen_t size = to_sockaddr({destination_, 0}, to_);
    for (std::size_t i = 0; i < kBatch; ++i) {
      std::uint8_t* icmp = requests_.data(i);
      icmp[0] = is_v4() ? 8 : 128;
      for (std::size_t j = kNumberSize; j < payload_; ++j) {
        icmp[kHeaderSize + j] = static_cast<std::uint8_t>(j);
      }
      msghdr& message = requests_.message(i).msg_hdr;
      message.msg_name = &to_;
      message.msg_namelen = size;
      const int level = is_v4() ? int{IPPROTO_IP} : int{IPPROTO_IPV6};
      cmsghdr* control = CMSG_FIRSTHDR(&message);
      fill_control(control, level, is_v4() ? IP_TTL : IPV6_HOPLIMIT, 64);
      control = CMSG_NXTHDR(&message, control);
      fill_control(control, level, is_v4() ? IP_TOS : IPV6_TCLASS, 0);
    }
  }

  // Sequence numbers repeat; the number in the payload does not.
  bool send_due(Time now) {
    const std::size_t count = std::min(meter_.due(now), kBatch);
    if (count == 0) return false;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = meter_.next_number() + i;
      store_be16(requests_.data(i) + 6, static_cast<std::uint16_t>(number));
      store_be64(requests_.data(i) + kHeaderSize, number);
    }
    const int sent = sendmmsg(fd_.get(), requests_.messages(), static_cast<unsigned>(count), 0);
    // A pending error of an earlier packet fails one call; the next turn tries again.
    if (sent <= 0) return false;
    for (int i = 0; i < sent; ++i) meter_.on_sent(now);
    return true;
  }

  bool receive() {
    for (std::size_t i = 0; i < kBatch; ++i) replies_.message(i).msg_hdr.msg_controllen = 256;
    const int received = recvmmsg(fd_.get(), replies_.messages(), kBatch, 0, nullptr);
    if (received <= 0) {
      drain_errors();
      return false;
    }
    const Time now = clock_now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
      const std::uint8_t* icmp = replies_.data(i);
      if (replies_.message(i).msg_len != kHeaderSize + payload_ || !is_intact(icmp)) continue;
      meter_.on_reply(load_be64(icmp + kHeaderSize), now);
    }
    return true;
  }

  bool is_intact(const std::uint8_t* icmp) {
    return std::memcmp(icmp + kHeaderSize + kNumberSize,
                       requests_.data(0) + kHeaderSize + kNumberSize, payload_ - kNumberSize) == 0;
  }

  void drain_errors() {
    std::array<std::uint8_t, 512> data;
    while (recv(fd_.get(), data.data(), data.size(), MSG_ERRQUEUE) >= 0) {
    }
  }

  void wait(Time now) {
    constexpr Duration kLongest = std::chrono::milliseconds(10);
    const Duration pause = std::clamp(
        meter_.next_due() == kNever ? kLongest : meter_.next_due() - now, Duration(1), kLongest);
    const timespec timeout{.tv_sec = 0, .tv_nsec = pause.count()};
    pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    ppoll(&entry, 1, &timeout, nullptr);
  }

  IpAddress destination_;
  std::size_t payload_;
  Fd fd_;
  LoadMeter meter_;
  sockaddr_storage to_{};
  Batch requests_;
  Batch replies_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Echo requests from one ping socket.");
  app.add_option("destination", options.destination)->required();
  app.add_option("--payload", options.payload)->check(CLI::Range(kNumberSize, kMaxPayload));
  add_load_options(app, options.load);
  CLI11_PARSE(app, argc, argv);
  std::make_unique<EchoLoad>(options)->run();
  return 0;
}

}  // namespace
}  // namespace oneping::bench

int main(int argc, char** argv) {
  return oneping::bench::run_program("echo_load", oneping::bench::run, argc, argv);
}
