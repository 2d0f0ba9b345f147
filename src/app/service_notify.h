// Tells systemd how the service is (sd_notify(3), Type=notify): a datagram to $NOTIFY_SOCKET. Does
// nothing where nobody asked for it.
#pragma once

#include <string_view>

namespace oneping {

void notify_ready();
void notify_reloading();  // notify_ready() says that it is done
void notify_stopping();

}  // namespace oneping
