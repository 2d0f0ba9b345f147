// What every echo backend over sockets does with what its system has told of a request.
#pragma once

#include "base/counters.h"
#include "base/time.h"
#include "io/host_addresses.h"
#include "io/send_failures.h"
#include "proxy/echo_backend.h"

namespace oneping {

using EchoSendFailures = SendFailures<EchoSlot, EchoFailure>;

// Hands over the failures, with what would have fitted for those that were too big. Each is counted
// as answered or dropped.
void tell_failures(EchoSendFailures& failures, EchoReplies& replies, StageCounters& counters,
                   Time now);

// Hands over an error that came in. When a neighbour does not answer, the kernel says so in its own
// name, which is a failure of this host. Counted as forwarded, or as dropped when it is a failure
// that nobody was told of.
void tell_error(const HostAddresses& host, const EchoSlot& slot, const EchoError& error,
                EchoReplies& replies, StageCounters& counters, Time now);

}  // namespace oneping
