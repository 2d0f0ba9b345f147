#include "control/endpoint.h"

namespace oneping::control {

namespace {

Endpoints make_all() {
  Endpoints endpoints;
  add_status_endpoints(endpoints);
  add_tunnel_endpoints(endpoints);
  add_tunnel_history_endpoints(endpoints);
  add_route_endpoints(endpoints);
  add_vnet_endpoints(endpoints);
  add_user_endpoints(endpoints);
  add_group_endpoints(endpoints);
  add_key_endpoints(endpoints);
  add_device_endpoints(endpoints);
  add_policy_endpoints(endpoints);
  add_policy_check_endpoints(endpoints);
  add_api_token_endpoints(endpoints);
  add_audit_endpoints(endpoints);
  add_why_endpoints(endpoints);
  add_session_endpoints(endpoints);
  add_flow_endpoints(endpoints);
  return endpoints;
}

}  // namespace

const Endpoints& all_endpoints() {
  static const Endpoints kEndpoints = make_all();
  return kEndpoints;
}

}  // namespace oneping::control
