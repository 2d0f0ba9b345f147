#include "app/route_keeper.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "app/kept_interface.h"
#include "io/capabilities.h"
#include "io/system_error.h"

namespace oneping {

namespace {

constexpr int kSocket = 3;  // of the child, behind standard input, output and error
constexpr std::size_t kMaxAnswer = 4096;
constexpr std::size_t kMaxProblems = 8;  // in words; the rest is counted

// An answer is never empty: an empty message would look like the end.
std::string answer_text(const std::vector<std::string>& problems) {
  std::string text = "\n";
  for (std::size_t i = 0; i < problems.size() && i < kMaxProblems; ++i) {
    text += problems[i].substr(0, kMaxAnswer / (2 * kMaxProblems)) + '\n';
  }
  if (problems.size() > kMaxProblems) {
    text += "and " + std::to_string(problems.size() - kMaxProblems) + " more\n";
  }
  return text;
}

// Nothing but the socket, and the log, comes along: least of all the interface's own descriptor,
// with which the interface lives.
void keep_only(int socket) {
  if (socket != kSocket) ::dup2(socket, kSocket);
  ::close_range(kSocket + 1, ~0u, 0);
}

void ignore_signals() {
  // It ends when its parent does, and not before.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
}

std::vector<std::string> obey(KeptInterface& interface, Bytes order) {
  const auto plan = device::decode_plan(order);
  if (!plan) return {"refused: " + plan.error().message};
  return interface.apply(*plan);
}

int serve(KeptInterface& interface) {
  std::vector<std::uint8_t> order(device::max_encoded_plan() + 1);
  while (true) {
    const ssize_t size = ::recv(kSocket, order.data(), order.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    const std::string answer =
        answer_text(obey(interface, Bytes(order).first(static_cast<std::size_t>(size))));
    if (::send(kSocket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
  }
  interface.take_back();
  return 0;
}

[[noreturn]] void run_child(int socket, const std::string& name) {
  ignore_signals();
  keep_only(socket);
  (void)::prctl(PR_SET_NAME, "oneping-routes");
  const auto kept = keep_network_admin_alone();
  auto interface = KeptInterface::open(name);
  if (!kept || !interface) {
    std::fprintf(stderr, "oneping: the route keeper: %s\n",
                 (kept ? interface.error() : kept.error()).message.c_str());
    ::_exit(1);
  }
  ::_exit(serve(*interface));
}

}  // namespace

Result<std::unique_ptr<RouteKeeper>> RouteKeeper::start(const std::string& interface) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_failure("making the route keeper's socket");
  }
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_failure("starting the route keeper");
  if (child == 0) run_child(theirs.get(), interface);
  return std::unique_ptr<RouteKeeper>(new RouteKeeper(std::move(ours), child));
}

RouteKeeper::~RouteKeeper() {
  socket_ = Fd();
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void RouteKeeper::want(const device::InterfacePlan& plan) {
  if (at_work_) {
    waiting_ = plan;
  } else {
    send(plan);
  }
}

// The keeper waits for it, so that there is room for it.
void RouteKeeper::send(const device::InterfacePlan& plan) {
  at_work_ = plan;
  const auto order = encode(plan);
  // If it fails the keeper has gone, which on_readable() finds out.
  std::ignore = ::send(socket_.get(), order.data(), order.size(), MSG_NOSIGNAL);
}

std::optional<RouteKeeper::Answer> RouteKeeper::on_readable() {
  std::string text(kMaxAnswer, '\0');
  const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), 0);
  if (size <= 0 || !at_work_) return std::nullopt;
  Answer answer{*std::exchange(at_work_, std::nullopt),
                text.substr(1, static_cast<std::size_t>(size) - 1)};
  if (waiting_) send(*std::exchange(waiting_, std::nullopt));
  return answer;
}

}  // namespace oneping
