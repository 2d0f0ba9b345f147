// One thing that the API does, as data: what is asked how by whom, and what is answered. From the
// list of them follow the refusals that all share (not found, method, role, body) and the OpenAPI
// document. Files api_*.cc hold the list, by what it is about.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/api.h"
#include "control/auth.h"
#include "control/control.h"
#include "control/fields.h"

namespace oneping::control {

enum class Access : std::uint8_t { anyone, read, admin };

// A request on its way through the API.
struct Call {
  Control& control;
  const ApiRequest& request;
  const Caller& caller;                 // who asks
  std::vector<std::string> parameters;  // what stands for {tunnel} and the like in the path
  Json query;                           // as an object
  Json body;

  [[nodiscard]] Reference parameter(std::size_t place = 0) const { return {parameters[place]}; }
};

struct Answer {
  int status = 200;
  Json schema;  // null: no body
  std::string content_type = "application/json";
};

struct Endpoint {
  const char* method;
  std::string path;  // "/tunnels/{tunnel}"
  std::string summary;
  Access access = Access::read;
  Answer answer;
  std::vector<FieldInfo> query = {};
  std::vector<FieldInfo> body = {};  // empty: none is taken
  Purpose purpose = Purpose::make;   // of the body
  std::function<Outcome<ApiResponse>(const Call&)> handle = {};
};

// Where an endpoint's handler gets, beside the call, what stands in the query or in the body.
template <typename Input>
struct Query {
  Fields<Input> fields;
};
template <typename Input>
struct Body {
  Fields<Input> fields;
  Purpose purpose = Purpose::make;
};

class Endpoints {
 public:
  template <typename Handler>
  void add(Endpoint endpoint, Handler handler) {
    endpoint.handle = handler;
    list_.push_back(std::move(endpoint));
  }
  template <typename Input, typename Handler>
  void add(Endpoint endpoint, Query<Input> query, Handler handler) {
    endpoint.query = query.fields.infos();
    add(std::move(endpoint), [query, handler](const Call& call) -> Outcome<ApiResponse> {
      const auto input = query.fields.read(call.query, Purpose::make);
      if (!input) return refusal_of(input);
      return handler(call, *input);
    });
  }
  template <typename Input, typename Handler>
  void add(Endpoint endpoint, Body<Input> body, Handler handler) {
    endpoint.body = body.fields.infos();
    endpoint.purpose = body.purpose;
    add(std::move(endpoint), [body, handler](const Call& call) -> Outcome<ApiResponse> {
      const auto input = body.fields.read(call.body, body.purpose);
      if (!input) return refusal_of(input);
      return handler(call, *input);
    });
  }

  // What answers are made of, by a name of its own.
  void define(const std::string& component, Json schema) { components_[component] = schema; }

  [[nodiscard]] const std::vector<Endpoint>& list() const { return list_; }
  [[nodiscard]] const std::map<std::string, Json>& components() const { return components_; }

 private:
  std::vector<Endpoint> list_;
  std::map<std::string, Json> components_;
};

// Everything that there is; made once.
[[nodiscard]] const Endpoints& all_endpoints();

void add_status_endpoints(Endpoints& endpoints);
void add_tunnel_endpoints(Endpoints& endpoints);
void add_tunnel_history_endpoints(Endpoints& endpoints);
void add_route_endpoints(Endpoints& endpoints);
void add_vnet_endpoints(Endpoints& endpoints);
void add_user_endpoints(Endpoints& endpoints);
void add_group_endpoints(Endpoints& endpoints);
void add_key_endpoints(Endpoints& endpoints);
void add_device_endpoints(Endpoints& endpoints);
void add_policy_endpoints(Endpoints& endpoints);
void add_policy_check_endpoints(Endpoints& endpoints);
void add_api_token_endpoints(Endpoints& endpoints);
void add_audit_endpoints(Endpoints& endpoints);
void add_why_endpoints(Endpoints& endpoints);
void add_session_endpoints(Endpoints& endpoints);
void add_flow_endpoints(Endpoints& endpoints);

}  // namespace oneping::control
