#include "io/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "io/socket_address.h"
#include "io/system_error.h"

namespace oneping {

namespace {

Resolver::Answer look_up(const HostPort& name) {
  const auto found = resolve_host(name.host);
  if (!found) return fail("looking up " + name.host, found.error());
  std::vector<SocketAddress> addresses;
  for (const IpAddress& address : *found) addresses.push_back({address, name.port});
  return addresses;
}

}  // namespace

Result<std::vector<IpAddress>> resolve_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return fail(error == EAI_SYSTEM ? errno_text(errno) : ::gai_strerror(error));
  std::vector<IpAddress> addresses;
  for (const addrinfo* item = found; item != nullptr; item = item->ai_next) {
    if (item->ai_family != AF_INET && item->ai_family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, item->ai_addr, item->ai_addrlen);
    addresses.push_back(from_sockaddr(storage).address);
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return fail("it has no address");
  return addresses;
}

std::optional<HostPort> HostPort::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto literal = IpAddress::parse(host);
  const bool is_v6 = literal && !literal->is_v4();
  if (bracketed != is_v6 || (!is_v6 && host.find_first_of(":[]/ ") != host.npos)) {
    return std::nullopt;
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end || port == 0 || host.size() > 253) return std::nullopt;
  return HostPort{std::string(host), port};
}

std::string HostPort::to_string() const {
  const bool is_v6 = host.find(':') != host.npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// Shared with the threads, which may outlive the resolver.
struct Resolver::State {
  std::mutex mutex;
  EventLoop* loop;  // null when the resolver is gone
  std::atomic<int> lookups = 0;
};

Resolver::Resolver(EventLoop& loop) : state_(std::make_shared<State>()) { state_->loop = &loop; }

Resolver::~Resolver() {
  const std::lock_guard lock(state_->mutex);
  state_->loop = nullptr;
}

void Resolver::resolve(const HostPort& name, std::function<void(const Answer&)> on_answer) {
  const auto deliver = [state = state_, on_answer = std::move(on_answer)](const Answer& answer) {
    const std::lock_guard lock(state->mutex);
    if (state->loop == nullptr) return;
    state->loop->post([state, on_answer, answer] {
      if (state->loop != nullptr) on_answer(answer);
    });
  };
  if (const auto address = IpAddress::parse(name.host)) {
    deliver(std::vector<SocketAddress>{{*address, name.port}});
    return;
  }
  if (state_->lookups == kMaxLookups) {
    deliver(fail("looking up " + name.host + ": too many other lookups are under way"));
    return;
  }
  ++state_->lookups;
  const auto work = [state = state_, deliver, name] {
    const Answer answer = look_up(name);
    --state->lookups;
    deliver(answer);
  };
  try {
    std::thread(work).detach();
  } catch (const std::system_error& error) {
    --state_->lookups;
    deliver(fail("looking up " + name.host + ": no thread for it: " + error.what()));
  }
}

}  // namespace oneping
