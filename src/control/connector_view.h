// Connectors and their connections as the API answers them.
#pragma once

#include "control/endpoint.h"
#include "edge/status.h"

namespace oneping::control {

[[nodiscard]] Json show_connector(const edge::ConnectorStatus& connector);

// The schemas Connector and Connection.
void define_connectors(Endpoints& endpoints);

}  // namespace oneping::control
