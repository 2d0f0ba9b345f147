// The one process of a device that may change the host's network: it keeps the interface as it is
// told to, so that the process that handles packets, TLS and QUIC needs no power at all.
//
// It is forked off early, with CAP_NET_ADMIN and nothing else, knows one interface, believes
// nothing that it is told without a check (device/interface_plan.h), and takes everything back when
// its parent has gone, however that went.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/interface_plan.h"
#include "io/fd.h"

namespace oneping {

class RouteKeeper {
 public:
  // Forks: to be called before there are threads. The interface must be there.
  [[nodiscard]] static Result<std::unique_ptr<RouteKeeper>> start(const std::string& interface);
  // Waits for it to have taken everything back.
  ~RouteKeeper();
  RouteKeeper(const RouteKeeper&) = delete;
  RouteKeeper& operator=(const RouteKeeper&) = delete;

  // To be made so from now on. While it is at work the last wish waits.
  void want(const device::InterfacePlan& plan);

  // Readable when it has answered, or has gone: call on_readable().
  [[nodiscard]] int fd() const { return socket_.get(); }
  struct Answer {
    device::InterfacePlan plan;  // that was asked for
    std::string problems;        // a line for each thing that could not be done
  };
  // Nothing: it has gone.
  [[nodiscard]] std::optional<Answer> on_readable();

 private:
  RouteKeeper(Fd socket, pid_t child) : socket_(std::move(socket)), child_(child) {}
  void send(const device::InterfacePlan& plan);

  Fd socket_;
  pid_t child_;
  std::optional<device::InterfacePlan> at_work_;
  std::optional<device::InterfacePlan> waiting_;
};

}  // namespace oneping
