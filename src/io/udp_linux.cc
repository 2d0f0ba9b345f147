#include "io/udp_linux.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "io/source_address.h"

namespace oneping {

namespace {

// So that UDP does not starve the rest of the loop; the epoll set stays readable.
constexpr int kMaxRounds = 8;
constexpr int kMaxEvents = 64;
constexpr int kMaxBatchesPerSocket = 4;

constexpr std::size_t index(IpFamily family) { return family == IpFamily::v4 ? 0 : 1; }

DropReason reason_to_open(int error) {
  switch (error) {
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT: return DropReason::link_down;
  }
  return DropReason::flow_table_full;  // descriptors, memory, ports
}

}  // namespace

UdpLinux::UdpLinux(const Options& options, const HostAddresses& host, Random& random)
    : host_(host),
      ports_(LocalPorts::read(), random),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      max_sockets_(epoll_ ? options.max_sockets : 0) {
  waiting_.reserve(OriginSendBatch::kMaxMessages);
}

std::optional<DropReason> UdpLinux::open(UdpSocketId id, IpFamily family) {
  auto socket = OriginSocket::open(family, open_[index(family)], ports_);
  if (!socket) return reason_to_open(socket.error());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket->fd.get(), &event) != 0) {
    return DropReason::flow_table_full;
  }
  if (id >= places_.size()) places_.resize(id + 1);
  places_[id].socket = std::move(*socket);
  ++open_[index(family)];
  return std::nullopt;
}

// Its failures are not told any more: its number may soon be somebody else's.
void UdpLinux::close(UdpSocketId id) {
  if (!places_[id].queue.is_empty()) {
    send_queue(id);
    std::erase(waiting_, id);
  }
  failures_.take(
      id, [this](const UdpFailure& failure) { send_counters_.count_dropped(failure.reason); });
  --open_[index(places_[id].socket.family)];
  places_[id].socket = {};
}

std::optional<DropReason> UdpLinux::send(UdpSocketId id, const UdpDatagram& datagram, Time) {
  send_counters_.count_in();
  if (datagram.payload.size() > kMaxUdpPayload) {
    send_counters_.count_dropped(DropReason::too_big);
    return DropReason::too_big;
  }
  if (!batch_.has_room(datagram.payload.size())) send_all();
  OriginSendBatch::Queue& queue = places_[id].queue;
  if (queue.is_empty()) waiting_.push_back(id);
  batch_.add(queue, datagram);
  return std::nullopt;
}

void UdpLinux::flush(UdpReplies& replies, Time now) {
  send_all();
  failures_.take_all([&](UdpSocketId id, UdpFailure& failure) {
    if (failure.reason == DropReason::too_big) {
      failure.mtu = mtu_towards(failure.destination.address);
    }
    if (replies.on_udp_failure(id, failure, now)) {
      send_counters_.count_answered(failure.reason);
    } else {
      send_counters_.count_dropped(failure.reason);
    }
  });
}

void UdpLinux::send_all() {
  for (const UdpSocketId id : waiting_) send_queue(id);
  waiting_.clear();
  batch_.clear();
}

void UdpLinux::send_queue(UdpSocketId id) {
  Place& place = places_[id];
  const std::size_t sent =
      batch_.send(place.queue, place.socket, [&](const OriginSendBatch::Refused& refused) {
        const bool kept = failures_.add(id, {.destination = refused.destination,
                                             .reason = refused.reason,
                                             .payload = refused.payload});
        if (!kept) send_counters_.count_dropped(refused.reason);
      });
  send_counters_.count_forwarded(sent);
}

void UdpLinux::on_readable(UdpReplies& replies, Time now) {
  std::array<epoll_event, kMaxEvents> events;
  for (int round = 0; round < kMaxRounds; ++round) {
    const int count = epoll_wait(epoll_.get(), events.data(), kMaxEvents, 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if ((event.events & EPOLLERR) != 0) read_errors(event.data.u32, replies, now);
      read_replies(event.data.u32, replies, now);
    }
    if (count < kMaxEvents) return;
  }
}

void UdpLinux::read_errors(UdpSocketId id, UdpReplies& replies, Time now) {
  for (int batch = 0; batch < kMaxBatchesPerSocket; ++batch) {
    if (!places_[id].socket.fd) return;
    const std::size_t count = received_.receive_errors(places_[id].socket);
    for (std::size_t i = 0; i < count; ++i) {
      const auto queued = received_.error(places_[id].socket, i);
      if (queued && !*queued) continue;
      receive_counters_.count_in();
      if (!queued) {
        receive_counters_.count_dropped(queued.error());
        continue;
      }
      receive_counters_.count_outcome(handle(id, **queued, replies, now));
    }
    if (count < OriginReceiveBatch::kMaxMessages) return;
  }
}

// When a neighbour does not answer, the kernel says so in its own name: a failure, or its reason
// when nobody was told of it.
std::optional<DropReason> UdpLinux::handle(UdpSocketId id, const UdpError& error,
                                           UdpReplies& replies, Time now) {
  const bool by_this_host =
      host_.is_own(error.offender) && !host_.is_own(error.destination.address);
  if (!by_this_host) {
    replies.on_udp_error(id, error, now);
    return std::nullopt;
  }
  const UdpFailure failure{.destination = error.destination,
                           .reason = DropReason::host_unreachable,
                           .payload = error.payload};
  if (replies.on_udp_failure(id, failure, now)) return std::nullopt;
  return failure.reason;
}

void UdpLinux::read_replies(UdpSocketId id, UdpReplies& replies, Time now) {
  for (int batch = 0; batch < kMaxBatchesPerSocket; ++batch) {
    if (!places_[id].socket.fd) return;
    const std::size_t count = received_.receive(places_[id].socket);
    for (std::size_t i = 0; i < count; ++i) {
      receive_counters_.count_in();
      const auto received = received_.reply(places_[id].socket, i);
      if (!received) {
        receive_counters_.count_dropped(received.error());
        continue;
      }
      receive_counters_.count_forwarded();
      if (received->overflows) {
        std::uint32_t& before = places_[id].socket.overflows;
        kernel_drops_ += *received->overflows - std::exchange(before, *received->overflows);
      }
      replies.on_udp_reply(id, received->reply, now);
    }
    if (count < OriginReceiveBatch::kMaxMessages) return;
  }
}

bool UdpLinux::is_broadcast(const IpAddress& address) const { return host_.is_broadcast(address); }

}  // namespace oneping
