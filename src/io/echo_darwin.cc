#include "io/echo_darwin.h"

#include <algorithm>
#include <utility>

namespace oneping {

namespace {
// So that one busy socket does not starve the rest of the loop, and yet more than a turn can cause.
constexpr int kMaxMessagesPerCall = 4096;
}  // namespace

DarwinSockets DarwinSockets::open_all() {
  DarwinSockets sockets;
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    auto socket = DarwinSocket::open(family);
    if (socket) {
      sockets.open.push_back(std::move(*socket));
    } else {
      sockets.open_errors[static_cast<std::size_t>(family)] = socket.error();
    }
  }
  return sockets;
}

EchoDarwin::EchoDarwin(Options options, DarwinSockets sockets, const HostAddresses& host,
                       Random& random)
    : host_(host), sockets_(std::move(sockets)), ids_(options.channels, random) {}

std::vector<int> EchoDarwin::descriptors() const {
  std::vector<int> all;
  for (const DarwinSocket& socket : sockets_.open) all.push_back(socket.fd());
  return all;
}

std::uint16_t EchoDarwin::channels(EchoChannelKind kind) const {
  return open_error(family_of(kind)) == 0 ? ids_.channels() : std::uint16_t{0};
}

std::optional<DropReason> EchoDarwin::send(const EchoSlot& slot, const EchoRequest& request, Time) {
  send_counters_.count_in();
  if (request.payload.size() > max_echo_payload(family_of(slot.kind))) {
    send_counters_.count_dropped(DropReason::too_big);
    return DropReason::too_big;
  }
  const EchoIdentity identity{.id = ids_.id_of(slot.kind, slot.channel), .sequence = slot.sequence};
  const auto refusal = socket(slot.kind).send(slot.kind, identity, request);
  if (!refusal) {
    send_counters_.count_forwarded();
    return std::nullopt;
  }
  // The proxy hears of it with the next flush().
  const bool kept = failures_.add(
      slot, {.destination = request.destination, .reason = *refusal, .payload = request.payload});
  if (!kept) send_counters_.count_dropped(*refusal);
  return std::nullopt;
}

void EchoDarwin::flush(EchoReplies& replies, Time now) {
  tell_failures(failures_, replies, send_counters_, now);
}

bool EchoDarwin::on_readable(std::size_t socket_index, EchoReplies& replies, Time now) {
  DarwinSocket& socket = sockets_.open[socket_index];
  for (int i = 0; i < kMaxMessagesPerCall; ++i) {
    const auto message = socket.receive();
    if (!message) return false;
    receive_counters_.count_in();
    if (*message) {
      handle(**message, replies, now);
    } else {
      receive_counters_.count_dropped(message->error());
    }
  }
  return true;
}

void EchoDarwin::handle(const DarwinMessage& message, EchoReplies& replies, Time now) {
  const auto answer = read_darwin_message(message, ids_);
  if (!answer) return receive_counters_.count_dropped(answer.error());
  if (const auto* reply = std::get_if<EchoReply>(&answer->content)) {
    receive_counters_.count_forwarded();
    replies.on_echo_reply(answer->slot, *reply, now);
  } else {
    tell_error(host_, answer->slot, std::get<EchoError>(answer->content), replies,
               receive_counters_, now);
  }
}

DarwinSocket& EchoDarwin::socket(EchoChannelKind kind) {
  return *std::ranges::find(sockets_.open, family_of(kind), &DarwinSocket::family);
}

}  // namespace oneping
