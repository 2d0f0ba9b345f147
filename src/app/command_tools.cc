// `oneping ping | trace | mtr`: the tools that users know, through a session of their own.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "app/commands.h"
#include "app/logging.h"
#include "app/mtr_display.h"
#include "app/mtr_flags.h"
#include "app/ping_flags.h"
#include "app/tool_process.h"
#include "app/trace_flags.h"
#include "probe/mtr.h"
#include "probe/ping.h"
#include "probe/trace.h"

namespace oneping {

namespace {

// The host's name and addresses, in the options of any tool.
template <typename Options>
Options towards(Options options, const ToolFlags& flags, const device::Way& way) {
  options.host = flags.host;
  options.source = way.source;
  options.destination = way.destination;
  options.naming = flags.naming;
  if constexpr (requires { options.roles; }) options.roles = way.roles;
  return options;
}

class PingProgram final : public ToolProgram {
 public:
  explicit PingProgram(const PingFlags& flags) : flags_(flags) {}
  std::unique_ptr<probe::Tool> make(const device::Way& way, const probe::ToolHost& host,
                                    EventLoop& loop) override {
    probe::PingOptions options = towards(flags_.ping, flags_.tool, way);
    // As iputils: who gives an address wants no names.
    if (IpAddress::parse(flags_.tool.host)) options.naming = probe::Naming::numeric;
    options.unix_time_offset = std::chrono::duration_cast<Duration>(
        std::chrono::system_clock::now().time_since_epoch() - loop.now().time_since_epoch());
    auto ping = std::make_unique<probe::Ping>(std::move(options), host);
    ping_ = ping.get();
    return ping;
  }
  void on_quit(probe::Tool&) override { ping_->show_status(); }

 private:
  const PingFlags& flags_;
  probe::Ping* ping_ = nullptr;
};

class TraceProgram final : public ToolProgram {
 public:
  explicit TraceProgram(const TraceFlags& flags) : flags_(flags) {}
  std::unique_ptr<probe::Tool> make(const device::Way& way, const probe::ToolHost& host,
                                    EventLoop&) override {
    return std::make_unique<probe::Trace>(towards(flags_.trace, flags_.tool, way), host);
  }

 private:
  const TraceFlags& flags_;
};

class MtrProgram final : public ToolProgram {
 public:
  // Without a terminal there is a report in the place of the screen.
  explicit MtrProgram(MtrFlags& flags) : flags_(flags) {
    if (flags_.mtr.output != probe::MtrOutput::screen) return;
    auto terminal = Terminal::open();
    if (terminal) {
      terminal_ = std::move(*terminal);
    } else {
      flags_.mtr.output = probe::MtrOutput::report;
    }
  }
  std::unique_ptr<probe::Tool> make(const device::Way& way, const probe::ToolHost& host,
                                    EventLoop& loop) override {
    probe::MtrOptions options = towards(flags_.mtr, flags_.tool, way);
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) options.local_host = name.data();
    options.start_time = local_time();
    auto mtr = std::make_unique<probe::Mtr>(std::move(options), host);
    if (terminal_) {
      auto display = MtrDisplay::open(std::move(terminal_), *mtr, loop);
      if (display) display_ = std::move(*display);
    }
    return mtr;
  }
  void end_turn(Time now) override {
    if (display_) display_->end_turn(now);
  }
  [[nodiscard]] Time next_deadline() const override {
    return display_ ? display_->next_deadline() : kNever;
  }
  [[nodiscard]] bool has_screen() const override { return display_ != nullptr; }
  void close() override { display_.reset(); }

 private:
  MtrFlags& flags_;
  std::unique_ptr<Terminal> terminal_;
  std::unique_ptr<MtrDisplay> display_;
};

// Finds the destination and the identity, and lets the program run.
template <typename Program, typename Flags>
int run(Flags& flags) {
  set_up_logging({.level = log::Level::off});
  auto to = addresses_of(flags.tool);
  if (!to) return fail_with(to.error(), kExitUsage);
  auto state = state_folder(flags.tool.state);
  if (!state) return fail_with(state.error(), kExitUsage);
  Program program(flags);
  return run_tool({.state = std::move(*state), .to = std::move(*to)}, program);
}

}  // namespace

void add_tool_commands(CLI::App& app, Action& action) {
  const auto ping = std::make_shared<PingFlags>();
  auto* command = app.add_subcommand(
      "ping", "Ask a host for an echo, again and again; exit code 0: it answered, 1: it did not");
  command->footer("Example: oneping ping -c 3 172.16.10.120");
  add_ping_flags(*command, *ping);
  command->callback([&action, ping] { action = [ping] { return run<PingProgram>(*ping); }; });

  const auto trace = std::make_shared<TraceFlags>();
  command =
      app.add_subcommand("trace", "Show the hops on the way to a host, as traceroute -I does");
  command->footer("Example: oneping trace -n 172.16.10.120");
  add_trace_flags(*command, *trace);
  command->callback([&action, trace] {
    action = [trace] {
      if (const auto sound = check(*trace); !sound) return fail_with(sound.error(), kExitUsage);
      return run<TraceProgram>(*trace);
    };
  });

  const auto mtr = std::make_shared<MtrFlags>();
  command = app.add_subcommand("mtr", "Watch the hops on the way to a host; ? on the screen helps");
  command->footer("Example: oneping mtr -n 172.16.10.120");
  add_mtr_flags(*command, *mtr);
  command->callback([&action, mtr] {
    action = [mtr] {
      if (const auto sound = check(*mtr); !sound) return fail_with(sound.error(), kExitUsage);
      return run<MtrProgram>(*mtr);
    };
  });
}

}  // namespace oneping
