// The HTTP side of CONNECT-IP (RFC 9484, 4.5): the request that opens a session and the answer to
// it.
#pragma once

#include <optional>
#include <string>

#include "masque/http_message.h"

namespace oneping::masque {

// For a session with everything that `authority` lets reach.
[[nodiscard]] HttpRequest connect_ip_request(const std::string& authority);
[[nodiscard]] HttpResponse connect_ip_response();

struct ConnectIpProblem {
  int status;  // to answer with
  std::string reason;
};
// What is wrong with an extended CONNECT as a request for a session; nothing if it is one.
[[nodiscard]] std::optional<ConnectIpProblem> problem_of(const HttpRequest& request);
// May capsules follow this response (RFC 9297, 3.2)?
[[nodiscard]] bool opens_session(const HttpResponse& response);

}  // namespace oneping::masque
