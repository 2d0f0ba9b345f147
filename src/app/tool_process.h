// Runs a tool (ping, trace, mtr) as a program: a session of its own with the identity in a state
// folder, over sockets that need no privilege.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/device_sockets.h"
#include "app/device_state.h"
#include "device/tool_run.h"
#include "io/clock_monitor.h"
#include "io/event_loop.h"
#include "io/network_monitor.h"
#include "io/reverse_names.h"
#include "quic/crypto.h"

namespace oneping {

// What the three do differently.
class ToolProgram {
 public:
  virtual ~ToolProgram() = default;
  // Once; the tool starts then.
  virtual std::unique_ptr<probe::Tool> make(const device::Way& way, const probe::ToolHost& host,
                                            EventLoop& loop) = 0;
  // While the tool runs, at the end of each turn, and at next_deadline().
  virtual void end_turn(Time /*now*/) {}
  [[nodiscard]] virtual Time next_deadline() const { return kNever; }
  // SIGQUIT.
  virtual void on_quit(probe::Tool& tool) { tool.interrupt(); }
  // Whether the terminal is its own, and nobody else's text belongs there.
  [[nodiscard]] virtual bool has_screen() const { return false; }
  // The tool has ended; what refers to it or to the loop goes.
  virtual void close() {}
};

struct ToolTarget {
  std::string state;          // folder
  std::vector<IpAddress> to;  // of the destination
};

class ToolProcess final : private device::ToolRunEvents,
                          private probe::TextSink,
                          private probe::NameSource {
 public:
  // The program must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<ToolProcess>> start(const ToolTarget& target,
                                                                  ToolProgram& program);
  ~ToolProcess() override;

  // The tool's exit code, or why it never started.
  [[nodiscard]] Result<int> run();

 private:
  ToolProcess(const ToolTarget& target, ToolProgram& program, StoredDevice stored,
              NetworkMonitor network, ClockMonitor clock,
              std::shared_ptr<const quic::TlsContext> tls);
  [[nodiscard]] Result<void> open(const ToolTarget& target);
  [[nodiscard]] Result<void> watch();
  void end_turn(Time now);

  // device::ToolRunEvents
  std::unique_ptr<probe::Tool> make_tool(const device::Way& way, Link& link) override;
  void on_session_lost(const device::Problem& why) override;
  void on_renewed(const device::CertificateChain& certificate, Time now) override;
  // probe::TextSink
  void out(std::string_view text) override;
  void err(std::string_view text) override;
  // probe::NameSource
  void ask(const IpAddress& address) override { names_.ask(address); }

  ToolProgram& program_;
  const DeviceState state_;
  StoredDevice stored_;
  quic::SecureRandom random_;
  PacketPool pool_;
  EventLoop loop_;
  NetworkMonitor network_;
  ClockMonitor clock_;
  EdgeAddresses edges_;
  DeviceSockets sockets_;
  ReverseNames names_;
  std::unique_ptr<device::ToolRun> run_;
  probe::Tool* tool_ = nullptr;  // the run's, once it is made
  std::string late_errors_;      // for when the screen has gone
};

// All of it: prints why it did not start. Returns the program's exit code.
[[nodiscard]] int run_tool(const ToolTarget& target, ToolProgram& program);

}  // namespace oneping
