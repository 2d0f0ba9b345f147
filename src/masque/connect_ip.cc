#include "masque/connect_ip.h"

#include "masque/ip_target.h"

namespace oneping::masque {

namespace {

constexpr char kProtocol[] = "connect-ip";
const HttpField kCapsuleProtocol{"capsule-protocol", "?1"};  // RFC 9297, 3.4

// RFC 9297, 3.2: what has no place in a message that begins a data stream.
bool has_content(const HttpFields& fields) {
  return find_field(fields, "content-length") != nullptr ||
         find_field(fields, "content-type") != nullptr;
}

}  // namespace

HttpRequest connect_ip_request(const std::string& authority) {
  HttpRequest request;
  request.method = "CONNECT";
  request.protocol = kProtocol;
  request.authority = authority;
  request.path = kWholeIpPath;
  request.fields = {kCapsuleProtocol};
  return request;
}

HttpResponse connect_ip_response() { return {200, {kCapsuleProtocol}, {}}; }

std::optional<ConnectIpProblem> problem_of(const HttpRequest& request) {
  if (request.protocol != kProtocol) {
    return ConnectIpProblem{501, "only connect-ip is served here"};  // RFC 9220, 3
  }
  if (request.scheme != "https") return ConnectIpProblem{400, "the scheme is not https"};
  if (has_content(request.fields)) {
    return ConnectIpProblem{400, "a request for a session has no content"};
  }
  const auto parsed = parse_ip_path(request.path);
  if (const auto* const error = std::get_if<IpPathError>(&parsed)) {
    if (*error == IpPathError::other_path) return ConnectIpProblem{404, "no such path"};
    return ConnectIpProblem{400, "the path's target or protocol is malformed"};
  }
  if (!std::get<IpTarget>(parsed).is_whole()) {
    return ConnectIpProblem{501, "sessions for one target or protocol are not served; ask for */*"};
  }
  return std::nullopt;
}

bool opens_session(const HttpResponse& response) {
  const bool is_without_content =
      response.status == 204 || response.status == 205 || response.status == 206;
  return response.is_success() && !is_without_content && !has_content(response.fields);
}

}  // namespace oneping::masque
