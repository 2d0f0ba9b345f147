#include "io/send_error.h"

namespace oneping {

DropReason drop_reason_for_errno(int error) {
  switch (error) {
    case EMSGSIZE: return DropReason::too_big;
    case ENETUNREACH:
    case EADDRNOTAVAIL: return DropReason::no_route;  // IPv6: no usable source address
    case EHOSTDOWN:                                   // Darwin: a neighbour did not answer
    case EHOSTUNREACH: return DropReason::host_unreachable;
    case EACCES:
    case EPERM: return DropReason::destination_refused;  // broadcast; a prohibiting route; a filter
    case EAGAIN:
    case ENOBUFS: return DropReason::queue_full;
  }
  return DropReason::send_failed;
}

}  // namespace oneping
