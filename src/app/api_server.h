// The control API over HTTP: on a Unix socket whose file says who may, and on TCP if asked; there
// with the dashboard's page (web_page.h) at every path that is not the API's.
//
// It carries requests to control::Api and its answers back; the API decides everything but this: a
// TCP request to a loopback address must name this machine in its Host header, and a body must not
// be larger than the API takes. It runs on threads of its own. A socket file that a dead edge left
// behind is replaced; one that somebody listens on is an error. `api` must outlive the server,
// whose event streams must have been closed (EventHub::close) before it is destroyed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "control/api.h"
#include "wire/ip_address.h"

namespace oneping {

class ApiServer {
 public:
  // On a Unix socket at `path`, mode 0600, or 0660 and of `group` if that is not empty.
  [[nodiscard]] static Result<std::unique_ptr<ApiServer>> on_socket(const std::string& path,
                                                                    const std::string& group,
                                                                    control::Api& api);
  // By TCP. Port 0: the system chooses.
  [[nodiscard]] static Result<std::unique_ptr<ApiServer>> on_tcp(const SocketAddress& address,
                                                                 control::Api& api);
  ~ApiServer();

  // Of a TCP server.
  [[nodiscard]] const SocketAddress& address() const;

 private:
  class Impl;
  explicit ApiServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping
