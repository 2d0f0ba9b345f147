// Why the system did not send a request.
#pragma once

#include <cerrno>
#include <optional>

#include "base/drop_reason.h"

namespace oneping {

[[nodiscard]] DropReason drop_reason_for_errno(int error);

// Calls send() until it is true; why not, if it never is. An error that has come about something
// sent earlier makes a send fail once, with that error's number: only what happens again is this
// one's own.
template <typename Send>
[[nodiscard]] std::optional<DropReason> try_to_send(Send send) {
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    if (send()) return std::nullopt;
    const DropReason reason = drop_reason_for_errno(errno);
    if (i == kTries || reason == DropReason::queue_full) return reason;
  }
}

}  // namespace oneping
