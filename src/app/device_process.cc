#include "app/device_process.h"

#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/device_metrics.h"
#include "app/device_tls.h"
#include "app/service_notify.h"
#include "base/log.h"
#include "io/capabilities.h"
#include "quic/tls.h"

namespace oneping {

using device::InterfacePlan;

namespace {

// Of the log in the background, which nobody else cuts.
constexpr off_t kMaxLog = 4 << 20;

void log_lines(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    log::warn("{}", text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

Result<std::unique_ptr<DeviceProcess>> DeviceProcess::start(const DeviceOptions& options, Stay stay,
                                                            ReadyReport report) {
  const auto fail_start = [&](const Error& error) {
    report.failed(error.message);
    return tl::make_unexpected(error);
  };
  auto stored = DeviceState(options.state).load();
  if (!stored) return fail_start(stored.error());
  auto tls = make_device_tls(stored->key_pem, stored->certificate);
  if (!tls) return fail_start(tls.error());
  auto privileged = begin_privileged(options);
  if (!privileged) return fail_start(privileged.error());
  auto network = NetworkMonitor::open();
  if (!network) return fail_start(network.error());
  auto clock = ClockMonitor::open();
  if (!clock) return fail_start(clock.error());
  std::unique_ptr<DeviceProcess> process(new DeviceProcess(
      options, stay, std::move(report), std::move(*stored), std::move(*privileged),
      std::move(*network), std::move(*clock), std::move(*tls)));
  if (auto opened = process->open(); !opened) {
    process->ready_.failed(opened.error().message);
    return tl::make_unexpected(opened.error());
  }
  return process;
}

// What takes CAP_NET_ADMIN, and the end of it.
Result<DeviceProcess::Privileged> DeviceProcess::begin_privileged(const DeviceOptions& options) {
  if (!has_network_admin()) {
    return fail(
        "making a network interface takes CAP_NET_ADMIN: run this as root (oneping ping, "
        "trace and mtr take no privilege)");
  }
  Privileged made;
  auto tun = TunDevice::open({.name = options.interface, .mtu = InterfacePlan::kMinMtu});
  if (!tun) return tl::make_unexpected(tun.error());
  made.tun = std::move(*tun);
  auto keeper = RouteKeeper::start(options.interface);
  if (!keeper) return tl::make_unexpected(keeper.error());
  made.keeper = std::move(*keeper);
  if (auto dropped = drop_all_capabilities(); !dropped) {
    return tl::make_unexpected(dropped.error());
  }
  return made;
}

DeviceProcess::DeviceProcess(const DeviceOptions& options, Stay stay, ReadyReport report,
                             StoredDevice stored, Privileged privileged, NetworkMonitor network,
                             ClockMonitor clock, std::shared_ptr<const quic::TlsContext> tls)
    : options_(options),
      stay_(stay),
      ready_(std::move(report)),
      state_(options.state),
      stored_(std::move(stored)),
      tun_(std::move(privileged.tun)),
      keeper_(std::move(privileged.keeper)),
      network_(std::move(network)),
      clock_(std::move(clock)),
      edges_({stored_.edge}, loop_),
      sockets_(std::move(tls), edges_, loop_, random_) {}

// The interface goes first: then the keeper has nothing left to take back.
DeviceProcess::~DeviceProcess() {
  for (const int fd : {tun_->fd(), keeper_->fd(), network_.fd(), clock_.fd()}) loop_.unwatch(fd);
  device_.reset();
  tun_.reset();
  keeper_.reset();
}

Result<void> DeviceProcess::open() {
  auto made = device::Device::make({.edge = stored_.edge.to_string(),
                                    .name = stored_.name,
                                    .key_pem = stored_.key_pem,
                                    .certificate = stored_.certificate,
                                    .wall_clock = time_of_day},
                                   sockets_, *tun_, static_cast<device::DeviceEvents&>(*this),
                                   pool_, random_);
  if (!made) return tl::make_unexpected(made.error());
  device_ = std::move(*made);
  auto control = DeviceControl::open(
      state_.socket(), loop_, [this](const std::string& question) { return answer(question); });
  if (!control) return tl::make_unexpected(control.error());
  control_ = std::move(*control);
  if (auto watched = watch(); !watched) return watched;
  if (!options_.admin) return {};
  auto admin = AdminServer::start(*options_.admin, loop_, admin_source());
  if (!admin) return fail(options_.admin_origin, admin.error());
  admin_ = std::move(*admin);
  return {};
}

Result<void> DeviceProcess::watch() {
  const auto on_packets = [this] {
    tun_->read(pool_,
               [this](Packet packet) { device_->on_host_packet(std::move(packet), loop_.now()); });
  };
  const auto on_clock = [this] { device_->on_wake(clock_.on_readable(), loop_.now()); };
  Result<void> done = loop_.watch(tun_->fd(), on_packets);
  if (done) done = loop_.watch(keeper_->fd(), [this] { on_keeper_answer(); });
  if (done) done = loop_.watch(network_.fd(), [this] { on_network_event(); });
  if (done) done = loop_.watch(clock_.fd(), on_clock);
  for (const int signal : {SIGTERM, SIGINT}) {
    if (done) done = loop_.on_signal(signal, [this] { stop("asked to stop"); });
  }
  if (done) {
    done = loop_.on_signal(
        SIGHUP, [] { log::info("a device has nothing to reload: its edge tells it everything"); });
  }
  return done;
}

Result<void> DeviceProcess::run() {
  if (stay_ == Stay::in_background) give_up_at_ = loop_.now() + options_.wait;
  bool has_started = false;
  edges_.resolve([this, &has_started] {
    if (!std::exchange(has_started, true)) device_->start(loop_.now());
  });
  loop_.run({.on_deadline = [this](Time now) { on_deadline(now); },
             .on_turn_end = [this](Time now) { end_turn(now); }});
  notify_stopping();
  device_->stop(loop_.now());
  sockets_.flush(loop_.now());
  if (!fatal_) return {};
  ready_.failed(fatal_->message);
  return tl::make_unexpected(*fatal_);
}

void DeviceProcess::on_deadline(Time now) {
  sockets_.on_time(now);
  device_->on_time(now);
  control_->on_time(now);
  if (now < give_up_at_) return;
  give_up_at_ = kNever;
  fail_for_good(last_problem_ ? last_problem_->text : "the edge did not answer in time");
}

void DeviceProcess::end_turn(Time now) {
  device_->run(now);
  sockets_.flush(now);
  loop_.set_deadline(std::min({sockets_.next_deadline(), device_->next_deadline(),
                               control_->next_deadline(), give_up_at_}));
}

void DeviceProcess::stop(const std::string& why) {
  log::info("{}: the interface and its routes go", why);
  loop_.stop();
}

void DeviceProcess::fail_for_good(const std::string& why) {
  if (!fatal_) fatal_ = Error{why};
  loop_.stop();
}

void DeviceProcess::on_plan_changed(const InterfacePlan& plan, Time) {
  tun_->on_mtu_changed(plan.mtu);
  keeper_->want(plan);
}

void DeviceProcess::on_keeper_answer() {
  auto answer = keeper_->on_readable();
  if (!answer) return fail_for_good("the route keeper has gone");
  if (answer->problems != interface_problems_) log_lines(answer->problems);
  interface_problems_ = std::move(answer->problems);
  log::info("interface {}: MTU {}, {} routes", options_.interface, answer->plan.mtu,
            answer->plan.routes.size());
  if (device_->is_up()) tell_ready();
}

void DeviceProcess::on_session_up(Time) {
  // The first time routes come before packets.
  if (has_been_ready_) tell_ready();
}

void DeviceProcess::tell_ready() {
  give_up_at_ = kNever;
  if (std::exchange(has_been_ready_, true)) return;
  const DeviceReport now = report(loop_.now());
  log::info("up as {}: {}", stored_.name, summary(now));
  ready_.ready("up as " + stored_.name + ": " + summary(now));
  notify_ready();
}

void DeviceProcess::on_session_down(const device::Problem& why, Time) { last_problem_ = why; }

void DeviceProcess::on_attempt_failed(const device::Problem& why, Time) {
  last_problem_ = why;
  // Once it has been up it waits for as long as it takes: a device may be let in again.
  if (!has_been_ready_ && is_lasting(why.trouble)) fail_for_good(why.text);
  if (stay_ == Stay::in_background) bound_log();
}

void DeviceProcess::bound_log() {
  struct stat status {};
  const bool is_log = ::fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode);
  if (is_log && status.st_size > kMaxLog) std::ignore = ::ftruncate(STDERR_FILENO, 0);
}

void DeviceProcess::on_renewed(const device::CertificateChain& certificate, Time now) {
  auto tls = make_device_tls(stored_.key_pem, certificate);
  if (!tls) return log::warn("the renewed certificate: {}", tls.error().message);
  if (const auto saved = state_.save_certificate(certificate); !saved) {
    log::warn("the renewed certificate was not kept: {}", saved.error().message);
  }
  stored_.certificate = certificate;
  sockets_.use(std::move(*tls));
  device_->on_new_certificate(now);
}

void DeviceProcess::on_network_event() {
  network_.drain();
  if (::if_nametoindex(options_.interface.c_str()) == 0) {
    return fail_for_good("somebody removed the interface " + options_.interface);
  }
  device_->on_network_changed(loop_.now());
  // A route of the host's that was in the way may have gone.
  if (!interface_problems_.empty()) keeper_->want(device_->plan());
}

DeviceReport DeviceProcess::report(Time now) {
  return {.now = now,
          .today = time_of_day(),
          .stored = stored_,
          .interface = options_.interface,
          .interface_problems = interface_problems_,
          .session = device_->status(),
          .plan = device_->plan(),
          .routes_left_out = device_->routes_left_out(),
          .certificate = device_->certificate_validity(),
          .path = device_->path()};
}

std::string DeviceProcess::answer(const std::string& question) {
  if (question == kAskStatus) return to_json(report(loop_.now())).dump();
  if (question == kAskDown) {
    stop("asked to go down");
    return nlohmann::json{{"schema", 1}}.dump();
  }
  return nlohmann::json{{"error", "this device knows 'status' and 'down'"}}.dump();
}

AdminSource DeviceProcess::admin_source() {
  return {.is_ready = [this] { return device_->is_up(); },
          .details =
              [this] {
                const auto now = to_json(report(loop_.now()));
                return nlohmann::json{{"session", now["state"]}, {"device", now["device"]}};
              },
          .metrics = [this] { return device_metrics(report(loop_.now()), sockets_, *tun_); }};
}

}  // namespace oneping
