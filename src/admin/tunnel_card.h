// A tunnel in full: itself, each connector, and each of their connections.
#pragma once

#include "admin/columns.h"

namespace oneping::admin {

void print_tunnel(const Json& tunnel);

}  // namespace oneping::admin
