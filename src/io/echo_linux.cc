#include "io/echo_linux.h"

namespace oneping {

namespace {
// So that one busy socket does not starve the rest of the loop.
// More replies than a turn can cause requests, so that reading them never falls behind.
constexpr int kMaxBatchesPerCall = 64;
}  // namespace

EchoLinux::EchoLinux(Options options, const HostAddresses& host, Random& random)
    : host_(host),
      first_bucket_(static_cast<std::uint16_t>(random.below(kPingBuckets))),
      queues_{Queue{EchoSendBatch(IpFamily::v4)}, Queue{EchoSendBatch(IpFamily::v4)},
              Queue{EchoSendBatch(IpFamily::v6)}, Queue{EchoSendBatch(IpFamily::v6)}} {
  using enum EchoChannelKind;
  for (const EchoChannelKind kind :
       {v4_dont_fragment, v4_may_fragment, v6_dont_fragment, v6_may_fragment}) {
    open_channels(kind, options.channels, random);
  }
}

void EchoLinux::open_channels(EchoChannelKind kind, std::uint16_t count, Random& random) {
  Queue& target = queue(kind);
  target.first_socket = sockets_.size();
  for (std::uint16_t channel = 0; channel < count; ++channel) {
    const auto bucket = static_cast<std::uint16_t>(first_bucket_ + sockets_.size());
    auto socket = EchoSocket::open(kind, channel, bucket, random);
    if (!socket) {
      open_errors_[static_cast<std::size_t>(family_of(kind))] = socket.error();
      return;
    }
    sockets_.push_back(std::move(*socket));
    ++target.sockets;
  }
}

std::vector<int> EchoLinux::descriptors() const {
  std::vector<int> all;
  for (const EchoSocket& socket : sockets_) all.push_back(socket.fd.get());
  return all;
}

std::uint16_t EchoLinux::channels(EchoChannelKind kind) const {
  return queues_[static_cast<std::size_t>(kind)].sockets;
}

std::optional<DropReason> EchoLinux::send(const EchoSlot& slot, const EchoRequest& request, Time) {
  send_counters_.count_in();
  if (request.payload.size() > max_echo_payload(family_of(slot.kind))) {
    send_counters_.count_dropped(DropReason::too_big);
    return DropReason::too_big;
  }
  Queue& target = queue(slot.kind);
  if (request.payload.size() > EchoSendBatch::kMaxPayloadSize) {
    send_alone(sockets_[target.first_socket + slot.channel], slot, request);
    return std::nullopt;
  }
  if (slot.channel != target.channel) flush(target);
  target.channel = slot.channel;
  target.batch.add(slot.sequence, request);
  if (target.batch.is_full()) flush(target);
  return std::nullopt;
}

void EchoLinux::flush(EchoReplies& replies, Time now) {
  for (Queue& target : queues_) flush(target);
  tell_failures(failures_, replies, send_counters_, now);
}

void EchoLinux::flush(Queue& target) {
  if (target.batch.is_empty()) return;
  const EchoSocket& socket = sockets_[target.first_socket + target.channel];
  const std::size_t sent =
      target.batch.send(socket.fd.get(), [&](const EchoSendBatch::Refused& refused) {
        note_refusal({socket.kind, socket.channel, refused.sequence}, refused.destination,
                     refused.reason, refused.payload);
      });
  send_counters_.count_forwarded(sent);
}

void EchoLinux::send_alone(const EchoSocket& socket, const EchoSlot& slot,
                           const EchoRequest& request) {
  if (const auto refusal = send_echo(socket.fd.get(), slot.sequence, request)) {
    note_refusal(slot, request.destination, *refusal, request.payload);
  } else {
    send_counters_.count_forwarded();
  }
}

// The proxy hears of it with the next flush().
void EchoLinux::note_refusal(const EchoSlot& slot, const IpAddress& destination, DropReason reason,
                             Bytes payload) {
  const bool kept =
      failures_.add(slot, {.destination = destination, .reason = reason, .payload = payload});
  if (!kept) send_counters_.count_dropped(reason);
}

bool EchoLinux::on_readable(std::size_t socket_index, EchoReplies& replies, Time now) {
  const EchoSocket& socket = sockets_[socket_index];
  const bool more_errors = read_errors(socket, replies, now);
  const bool more_replies = read_replies(socket, replies, now);
  return more_errors || more_replies;
}

bool EchoLinux::read_errors(const EchoSocket& socket, EchoReplies& replies, Time now) {
  for (int batch = 0; batch < kMaxBatchesPerCall; ++batch) {
    const std::size_t count = received_errors_.receive(socket);
    for (std::size_t i = 0; i < count; ++i) {
      const auto queued = received_errors_.error(socket, i);
      if (queued && !*queued) continue;
      receive_counters_.count_in();
      if (!queued) {
        receive_counters_.count_dropped(queued.error());
        continue;
      }
      tell_error(host_, (*queued)->slot, (*queued)->error, replies, receive_counters_, now);
    }
    if (count < EchoErrorBatch::kMaxMessages) return false;
  }
  return true;
}

bool EchoLinux::read_replies(const EchoSocket& socket, EchoReplies& replies, Time now) {
  for (int batch = 0; batch < kMaxBatchesPerCall; ++batch) {
    const std::size_t count = received_.receive(socket);
    for (std::size_t i = 0; i < count; ++i) {
      receive_counters_.count_in();
      const auto reply = received_.reply(socket, i);
      if (!reply) {
        receive_counters_.count_dropped(reply.error());
        continue;
      }
      receive_counters_.count_forwarded();
      replies.on_echo_reply(reply->slot, reply->echo, now);
    }
    if (count < EchoReceiveBatch::kMaxMessages) return false;
  }
  return true;
}

std::optional<IpAddress> EchoLinux::source_for(const IpAddress& destination) const {
  return host_.source_for(destination);
}

bool EchoLinux::is_own_address(const IpAddress& address) const { return host_.is_own(address); }
bool EchoLinux::is_broadcast(const IpAddress& address) const { return host_.is_broadcast(address); }

std::uint64_t EchoLinux::kernel_drops() const {
  std::uint64_t sum = 0;
  for (const EchoSocket& socket : sockets_) sum += socket.kernel_drops();
  return sum;
}

EchoLinux::Queue& EchoLinux::queue(EchoChannelKind kind) {
  return queues_[static_cast<std::size_t>(kind)];
}

}  // namespace oneping
