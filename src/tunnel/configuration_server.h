// What the connector serves on streams that the edge opens: CloudflaredServer. Configuration and
// UDP sessions go through inboxes, for the reasons given in registration_server.h.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tunnel.capnp.h"
#include "tunnel/udp_inbox.h"

namespace oneping::tunnel {

struct ConfigurationOutcome {
  std::int32_t latest_applied_version = -1;
  std::string error;  // empty: applied, or not newer than what is applied
};

struct ConfigurationInbox {
  // Updates that wait for the connection's next turn; more are refused.
  static constexpr std::size_t kMaxRequests = 8;

  struct Request {
    std::int32_t version;
    std::string json;
    kj::Own<kj::PromiseFulfiller<ConfigurationOutcome>> answer;
  };
  std::vector<Request> requests;
};

[[nodiscard]] schema::CloudflaredServer::Client make_configuration_server(
    std::shared_ptr<ConfigurationInbox> inbox, std::shared_ptr<UdpInbox> udp);

}  // namespace oneping::tunnel
