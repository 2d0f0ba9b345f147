#include "io/address_events.h"
#include "io/open_socket.h"

namespace oneping {

// Routes that change are told too, which does no harm (route(4)).
Fd open_address_events() { return open_socket(PF_ROUTE, SOCK_RAW, 0); }

}  // namespace oneping
