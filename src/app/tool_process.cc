#include "app/tool_process.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>

#include "admin/command.h"
#include "app/device_tls.h"
#include "base/log.h"
#include "io/capabilities.h"
#include "quic/tls.h"

namespace oneping {

Result<std::unique_ptr<ToolProcess>> ToolProcess::start(const ToolTarget& target,
                                                        ToolProgram& program) {
  auto stored = DeviceState(target.state).load();
  if (!stored) return tl::make_unexpected(stored.error());
  if (auto dropped = drop_all_capabilities(); !dropped) return tl::make_unexpected(dropped.error());
  auto tls = make_device_tls(stored->key_pem, stored->certificate);
  if (!tls) return tl::make_unexpected(tls.error());
  auto network = NetworkMonitor::open();
  if (!network) return tl::make_unexpected(network.error());
  auto clock = ClockMonitor::open();
  if (!clock) return tl::make_unexpected(clock.error());
  std::unique_ptr<ToolProcess> process(new ToolProcess(target, program, std::move(*stored),
                                                       std::move(*network), std::move(*clock),
                                                       std::move(*tls)));
  if (auto opened = process->open(target); !opened) return tl::make_unexpected(opened.error());
  return process;
}

ToolProcess::ToolProcess(const ToolTarget& target, ToolProgram& program, StoredDevice stored,
                         NetworkMonitor network, ClockMonitor clock,
                         std::shared_ptr<const quic::TlsContext> tls)
    : program_(program),
      state_(target.state),
      stored_(std::move(stored)),
      network_(std::move(network)),
      clock_(std::move(clock)),
      edges_({stored_.edge}, loop_),
      sockets_(std::move(tls), edges_, loop_, random_),
      names_(loop_, [this](const IpAddress& address, const std::string& name) {
        run_->on_name(address, name);
      }) {}

ToolProcess::~ToolProcess() {
  for (const int fd : {network_.fd(), clock_.fd()}) loop_.unwatch(fd);
  program_.close();
  run_.reset();
}

Result<void> ToolProcess::open(const ToolTarget& target) {
  auto made = device::ToolRun::make({.edge = stored_.edge.to_string(),
                                     .name = stored_.name,
                                     .key_pem = stored_.key_pem,
                                     .certificate = stored_.certificate,
                                     .wall_clock = time_of_day},
                                    target.to, sockets_, static_cast<device::ToolRunEvents&>(*this),
                                    pool_, random_);
  if (!made) return tl::make_unexpected(made.error());
  run_ = std::move(*made);
  return watch();
}

Result<void> ToolProcess::watch() {
  Result<void> done = loop_.watch(network_.fd(), [this] {
    network_.drain();
    run_->on_network_changed(loop_.now());
  });
  if (done) {
    done = loop_.watch(clock_.fd(), [this] { run_->on_wake(clock_.on_readable(), loop_.now()); });
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (done) done = loop_.on_signal(signal, [this] { run_->interrupt(); });
  }
  if (done) {
    done = loop_.on_signal(
        SIGQUIT, [this] { tool_ != nullptr ? program_.on_quit(*tool_) : run_->interrupt(); });
  }
  return done;
}

Result<int> ToolProcess::run() {
  bool has_started = false;
  edges_.resolve([this, &has_started] {
    if (!std::exchange(has_started, true)) run_->start(loop_.now());
  });
  loop_.run({.on_deadline =
                 [this](Time now) {
                   sockets_.on_time(now);
                   run_->on_time(now);
                 },
             .on_turn_end = [this](Time now) { end_turn(now); }});
  program_.close();
  err(late_errors_);
  run_->stop(loop_.now());
  sockets_.flush(loop_.now());
  if (run_->failure()) return tl::make_unexpected(*run_->failure());
  return run_->exit_code();
}

void ToolProcess::end_turn(Time now) {
  run_->run(now);
  sockets_.flush(now);
  if (tool_ != nullptr) program_.end_turn(now);
  std::fflush(stdout);
  loop_.set_deadline(
      std::min({sockets_.next_deadline(), run_->next_deadline(), program_.next_deadline()}));
  if (run_->is_done()) loop_.stop();
}

std::unique_ptr<probe::Tool> ToolProcess::make_tool(const device::Way& way, Link& link) {
  auto tool = program_.make(way, {link, pool_, random_, *this, *this}, loop_);
  tool_ = tool.get();
  return tool;
}

void ToolProcess::on_session_lost(const device::Problem& why) {
  if (!program_.has_screen()) err("oneping: no session, trying again: " + why.text + "\n");
}

// The folder may be another user's, who then renews it himself.
void ToolProcess::on_renewed(const device::CertificateChain& certificate, Time now) {
  auto tls = make_device_tls(stored_.key_pem, certificate);
  if (!tls) return;
  if (const auto saved = state_.save_certificate(certificate); !saved) {
    log::debug("the renewed certificate was not kept: {}", saved.error().message);
  }
  sockets_.use(std::move(*tls));
  run_->on_new_certificate(now);
}

void ToolProcess::out(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void ToolProcess::err(std::string_view text) {
  if (program_.has_screen()) {
    late_errors_ += text;
    return;
  }
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int run_tool(const ToolTarget& target, ToolProgram& program) {
  auto process = ToolProcess::start(target, program);
  if (!process) return fail_with(process.error(), kExitUsage);
  const auto code = (*process)->run();
  return code ? *code : fail_with(code.error(), kExitUsage);
}

}  // namespace oneping
