// /flows: verdicts on new flows, as they are made.
#include "control/answers.h"
#include "control/flow_feed.h"

namespace oneping::control {

namespace {

Query<FlowFilter> flow_query() {
  return {{
      field<FlowFilter>("device", Use::optional, &FlowFilter::device, "only of this device"),
      field<FlowFilter>("user", Use::optional, &FlowFilter::user, "only of this user"),
      field<FlowFilter>("from", Use::optional, &FlowFilter::from, "only from inside this prefix"),
      field<FlowFilter>("to", Use::optional, &FlowFilter::to, "only to inside this prefix"),
      field<FlowFilter>("protocol", Use::optional, &FlowFilter::protocol, "only this one"),
      field<FlowFilter>("verdict", Use::optional, &FlowFilter::verdict, "only this one"),
      field<FlowFilter>("rule", Use::optional, &FlowFilter::rule,
                        "only by this policy, or `default`"),
      field<FlowFilter>("tunnel", Use::optional, &FlowFilter::tunnel, "only into this tunnel"),
  }};
}

Outcome<ApiResponse> listen(const Call& call, const FlowFilter& filter) {
  ApiResponse response;
  response.content_type = "text/event-stream";
  response.events = call.control.flow_feed().subscribe(filter);
  if (!response.events) {
    return refuse(RefusalKind::unavailable, "there are 8 listeners to flows already: end one");
  }
  return response;
}

}  // namespace

void add_flow_endpoints(Endpoints& endpoints) {
  endpoints.add({"GET",
                 "/flows",
                 "Streams verdicts on new flows, beginning with the last that there were",
                 Access::read,
                 {200, schema::text(), "text/event-stream"}},
                flow_query(), listen);
}

}  // namespace oneping::control
