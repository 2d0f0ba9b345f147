#include "io/darwin_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/control_messages.h"
#include "io/darwin_system.h"
#include "io/send_error.h"
#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr int kBufferSize = 4 << 20;  // bytes; less where the system's limits say so
constexpr int kMinBufferSize = 1 << 17;
constexpr std::size_t kMaxMessageSize = 65536;  // more than any

bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// Sets an option unless it is so already.
bool change(std::optional<int>& known, int value, int fd, int level, int option) {
  if (known == value) return true;
  if (!set(fd, level, option, value)) return false;
  known = value;
  return true;
}

// A wish: Darwin refuses what is above its limit, where Linux gives what it may.
void enlarge_buffer(int fd, int option) {
  for (int size = kBufferSize; size >= kMinBufferSize; size /= 2) {
    if (set(fd, SOL_SOCKET, option, size)) return;
  }
}

}  // namespace

struct DarwinSocket::Buffers {
  std::array<std::uint8_t, kMaxMessageSize> out;
  std::array<std::uint8_t, kMaxMessageSize> in;
};

DarwinSocket::DarwinSocket(Fd fd, IpFamily family)
    : fd_(std::move(fd)), family_(family), buffers_(std::make_unique<Buffers>()) {}

DarwinSocket::DarwinSocket(DarwinSocket&& other) noexcept = default;
DarwinSocket::~DarwinSocket() = default;

tl::expected<DarwinSocket, int> DarwinSocket::open(IpFamily family) {
  DarwinSocket socket(darwin_system::open(family), family);
  if (!socket.fd_ || !socket.configure()) return tl::make_unexpected(errno);
  return socket;
}

bool DarwinSocket::configure() {
  enlarge_buffer(fd(), SO_RCVBUF);
  enlarge_buffer(fd(), SO_SNDBUF);
  if (family_ == IpFamily::v6) {
    return set(fd(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
           set(fd(), IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  }
  socklen_t size = sizeof default_hop_limit_;
  return getsockopt(fd(), IPPROTO_IP, IP_TTL, &default_hop_limit_, &size) == 0 &&
         set(fd(), IPPROTO_IP, IP_RECVTTL, 1);
}

std::optional<DropReason> DarwinSocket::send(EchoChannelKind kind, EchoIdentity identity,
                                             const EchoRequest& request) {
  if (!prepare(kind, request)) return DropReason::send_failed;
  const MutableBytes message =
      MutableBytes(buffers_->out).first(kIcmpHeaderSize + request.payload.size());
  write_darwin_request(family_, identity, request.payload, message);
  sockaddr_storage destination{};
  SendControl control;
  iovec data{message.data(), message.size()};
  msghdr header{};
  header.msg_name = &destination;
  header.msg_namelen = to_sockaddr({request.destination, 0}, destination);
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (family_ == IpFamily::v6) {
    control.attach_to(header, family_, request.traffic_class, request.hop_limit);
  }
  if (sendmsg(fd(), &header, MSG_DONTWAIT) >= 0) return std::nullopt;
  return drop_reason_for_errno(errno);
}

bool DarwinSocket::prepare(EchoChannelKind kind, const EchoRequest& request) {
  if (kind_ != kind) {
    if (!darwin_system::set_fragmentation(fd(), kind)) return false;
    kind_ = kind;
  }
  if (family_ == IpFamily::v6) return true;
  const int hop_limit = request.hop_limit ? int{*request.hop_limit} : default_hop_limit_;
  return change(hop_limit_, hop_limit, fd(), IPPROTO_IP, IP_TTL) &&
         change(traffic_class_, request.traffic_class, fd(), IPPROTO_IP, IP_TOS);
}

std::optional<tl::expected<DarwinMessage, DropReason>> DarwinSocket::receive() {
  sockaddr_storage source{};
  alignas(cmsghdr) std::array<std::uint8_t, 256> control;
  iovec data{buffers_->in.data(), buffers_->in.size()};
  msghdr header{};
  header.msg_name = &source;
  header.msg_namelen = sizeof source;
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto size = recvmsg(fd(), &header, MSG_DONTWAIT);
  if (size < 0) return std::nullopt;
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || header.msg_namelen == 0 ||
      source.ss_family != system_family(family_)) {
    return tl::make_unexpected(DropReason::truncated);
  }
  const auto bytes = darwin_system::as_given(
      family_, MutableBytes(buffers_->in).first(static_cast<std::size_t>(size)), received_++);
  if (!bytes) return tl::make_unexpected(DropReason::not_reply_or_error);
  HopLimitAndClass told;
  for_each_control(header, [&](const cmsghdr& one) {
    if (family_ == IpFamily::v6) return told.read(one);
    if (const auto hop_limit = darwin_system::read_hop_limit_v4(one)) told.hop_limit = hop_limit;
  });
  return DarwinMessage{.family = family_,
                       .source = from_sockaddr(source).address,
                       .hop_limit = told.hop_limit,
                       .traffic_class = told.traffic_class,
                       .bytes = *bytes};
}

}  // namespace oneping
