#include "proxy/echo_windows.h"

#include <algorithm>
#include <utility>

#include "proxy/icmp_helper_reply.h"
#include "proxy/icmp_helper_status.h"
#include "wire/ip.h"

namespace oneping {

namespace {

// What Windows sends with when nobody asks for something else.
constexpr std::uint8_t kDefaultHopLimit = 128;

// Of what was too big for this host's own link, whose MTU is not told: IPv6 has one that always
// fits.
std::size_t known_mtu(IpFamily family, DropReason reason) {
  return reason == DropReason::too_big && family == IpFamily::v6 ? kIpv6MinMtu : 0;
}

}  // namespace

struct EchoWindows::Operation final : IcmpCompletion {
  void on_completed() override {
    if (owner == nullptr) {
      delete this;
    } else {
      owner->on_completed(*this);
    }
  }
  [[nodiscard]] IpFamily family() const { return family_of(slot.kind); }

  EchoWindows* owner;  // nobody: the backend is gone
  bool is_out = false;
  EchoSlot slot;
  IpAddress destination;
  std::vector<std::uint8_t> payload;
  std::vector<std::uint8_t> reply;
  DropReason refusal;  // why the system did not take it
};

EchoWindows::EchoWindows(Options options, IcmpHelper& helper, const HostNetwork& host)
    : options_(options),
      helper_(helper),
      host_(host),
      open_errors_{helper.open(IpFamily::v4), helper.open(IpFamily::v6)} {
  for (auto* list : {&idle_, &refused_, &completed_, &handed_}) list->reserve(options.outstanding);
}

EchoWindows::~EchoWindows() {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    if (open_error(family) == 0) helper_.close(family);
  }
  for (auto& operation : operations_) {
    if (!operation->is_out) continue;
    operation->owner = nullptr;
    static_cast<void>(operation.release());
  }
}

std::uint16_t EchoWindows::channels(EchoChannelKind kind) const {
  return open_error(family_of(kind)) == 0 ? 1 : 0;
}

std::optional<DropReason> EchoWindows::send(const EchoSlot& slot, const EchoRequest& request,
                                            Time) {
  send_counters_.count_in();
  const IpFamily family = family_of(slot.kind);
  if (request.payload.size() > max_echo_payload(family)) {
    send_counters_.count_dropped(DropReason::too_big);
    return DropReason::too_big;
  }
  Operation* operation = take_operation();
  if (operation == nullptr) {
    send_counters_.count_dropped(DropReason::queue_full);
    return DropReason::queue_full;
  }
  operation->slot = slot;
  operation->destination = request.destination;
  operation->payload.assign(request.payload.begin(), request.payload.end());
  // Zeros: what an earlier request left there is no answer to this one.
  operation->reply.assign(icmp_reply_buffer_size(family, request.payload.size()), 0);

  operation->is_out = true;
  ++outstanding_;
  const std::uint32_t error =
      helper_.send({.destination = request.destination,
                    .hop_limit = request.hop_limit.value_or(kDefaultHopLimit),
                    .traffic_class = request.traffic_class,
                    .dont_fragment = slot.kind == EchoChannelKind::v4_dont_fragment,
                    .payload = operation->payload,
                    .reply = operation->reply,
                    .timeout = options_.timeout},
                   *operation);
  if (error == IcmpHelper::kPending) {
    send_counters_.count_forwarded();
    return std::nullopt;
  }
  operation->is_out = false;
  --outstanding_;
  operation->refusal = refusal_for_icmp_error(family, error);
  refused_.push_back(operation);
  return std::nullopt;
}

EchoWindows::Operation* EchoWindows::take_operation() {
  if (!idle_.empty()) {
    Operation* operation = idle_.back();
    idle_.pop_back();
    return operation;
  }
  if (operations_.size() == options_.outstanding) return nullptr;
  operations_.push_back(std::make_unique<Operation>());
  operations_.back()->owner = this;
  return operations_.back().get();
}

void EchoWindows::flush(EchoReplies& replies, Time now) {
  std::swap(refused_, handed_);
  for (Operation* operation : handed_) {
    const EchoFailure failure{.destination = operation->destination,
                              .reason = operation->refusal,
                              .mtu = known_mtu(operation->family(), operation->refusal),
                              .payload = operation->payload};
    if (replies.on_echo_failure(operation->slot, failure, now)) {
      send_counters_.count_answered(operation->refusal);
    } else {
      send_counters_.count_dropped(operation->refusal);
    }
    idle_.push_back(operation);
  }
  handed_.clear();
}

void EchoWindows::on_completed(Operation& operation) {
  operation.is_out = false;
  --outstanding_;
  completed_.push_back(&operation);
}

void EchoWindows::on_completions(EchoReplies& replies, Time now) {
  std::swap(completed_, handed_);
  for (Operation* operation : handed_) {
    const std::uint32_t error = helper_.parse(operation->family(), operation->reply);
    hand_over(*operation, error, replies, now);
    idle_.push_back(operation);
  }
  handed_.clear();
}

// The call is the request, so its payload is that of whatever was said about it.
void EchoWindows::hand_over(const Operation& operation, std::uint32_t error, EchoReplies& replies,
                            Time now) {
  using Kind = IcmpStatusMeaning::Kind;
  const IpFamily family = operation.family();
  const IcmpHelperReply reply =
      read_icmp_helper_reply(family, operation.reply, operation.payload.size());
  const std::uint32_t status = error == 0 ? reply.status : error;
  const IcmpStatusMeaning meaning = meaning_of_icmp_status(family, status);
  if (meaning.kind == Kind::silence) {
    ++timed_out_;
    return;
  }
  receive_counters_.count_in();
  if (meaning.kind == Kind::forbidden) {
    return receive_counters_.count_dropped(DropReason::not_reply_or_error);
  }
  const std::uint8_t hop_limit = reply.hop_limit.value_or(kHopLimitNotTold);
  if (meaning.kind == Kind::reply) {
    if (error != 0 || !reply.payload) {
      return receive_counters_.count_dropped(DropReason::truncated);
    }
    receive_counters_.count_forwarded();
    return replies.on_echo_reply(operation.slot,
                                 {.source = reply.source,
                                  .hop_limit = hop_limit,
                                  .traffic_class = reply.traffic_class,
                                  .payload = *reply.payload},
                                 now);
  }
  receive_counters_.count_forwarded();
  // An error in this host's own name, or in nobody's, is a failure of this host.
  const bool somebody_said_so =
      reply.status == status && !reply.source.is_unspecified() &&
      (!host_.is_own(reply.source) || host_.is_own(operation.destination));
  if (meaning.kind == Kind::error && somebody_said_so) {
    return replies.on_echo_error(operation.slot,
                                 {.offender = reply.source,
                                  .destination = operation.destination,
                                  .type = meaning.type,
                                  .code = meaning.code,
                                  .parameter = meaning.parameter,
                                  .hop_limit = hop_limit,
                                  .traffic_class = reply.traffic_class,
                                  .payload = operation.payload,
                                  .extensions = {}},
                                 now);
  }
  replies.on_echo_failure(operation.slot,
                          {.destination = operation.destination,
                           .reason = meaning.local,
                           .mtu = known_mtu(family, meaning.local),
                           .payload = operation.payload,
                           .was_sent = true},
                          now);
}

}  // namespace oneping
