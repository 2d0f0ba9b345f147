#include "io/echo_outcomes.h"

#include "io/source_address.h"

namespace oneping {

void tell_failures(EchoSendFailures& failures, EchoReplies& replies, StageCounters& counters,
                   Time now) {
  failures.take_all([&](const EchoSlot& slot, EchoFailure& failure) {
    if (failure.reason == DropReason::too_big) failure.mtu = mtu_towards(failure.destination);
    if (replies.on_echo_failure(slot, failure, now)) {
      counters.count_answered(failure.reason);
    } else {
      counters.count_dropped(failure.reason);
    }
  });
}

void tell_error(const HostAddresses& host, const EchoSlot& slot, const EchoError& error,
                EchoReplies& replies, StageCounters& counters, Time now) {
  if (!host.is_own(error.offender) || host.is_own(error.destination)) {
    counters.count_forwarded();
    return replies.on_echo_error(slot, error, now);
  }
  const EchoFailure failure{.destination = error.destination,
                            .reason = DropReason::host_unreachable,
                            .payload = error.payload,
                            .was_sent = true};
  if (replies.on_echo_failure(slot, failure, now)) {
    counters.count_forwarded();
  } else {
    counters.count_dropped(failure.reason);
  }
}

}  // namespace oneping
