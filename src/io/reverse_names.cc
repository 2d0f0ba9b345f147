#include "io/reverse_names.h"

#include <netdb.h>

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "io/socket_address.h"

namespace oneping {

namespace {

std::string name_of(const IpAddress& address) {
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr({address, 0}, storage);
  std::array<char, NI_MAXHOST> name{};
  const int error = ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, name.data(),
                                  name.size(), nullptr, 0, NI_NAMEREQD);
  return error == 0 ? name.data() : "";
}

}  // namespace

// Shared with the threads, which may outlive the rest.
struct ReverseNames::State {
  std::mutex mutex;
  EventLoop* loop = nullptr;  // null when nobody listens any more
  OnName on_name;
  std::deque<IpAddress> waiting;
  std::size_t threads = 0;

  // Both with the mutex held.
  void deliver(const std::shared_ptr<State>& self, const IpAddress& address,
               std::string name) const;
  // Nothing: the thread ends.
  std::optional<IpAddress> next();
};

ReverseNames::ReverseNames(EventLoop& loop, OnName on_name) : state_(std::make_shared<State>()) {
  state_->loop = &loop;
  state_->on_name = std::move(on_name);
}

ReverseNames::~ReverseNames() {
  const std::lock_guard lock(state_->mutex);
  state_->loop = nullptr;
}

void ReverseNames::ask(const IpAddress& address) {
  const std::lock_guard lock(state_->mutex);
  state_->waiting.push_back(address);
  if (state_->threads == kMaxThreads) return;
  const auto work = [state = state_] {
    std::unique_lock held(state->mutex);
    while (const auto next = state->next()) {
      held.unlock();
      std::string name = name_of(*next);
      held.lock();
      state->deliver(state, *next, std::move(name));
    }
  };
  ++state_->threads;
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {
    --state_->threads;
    if (state_->threads > 0) return;  // one of those will come to it
    state_->waiting.pop_back();
    state_->deliver(state_, address, "");
  }
}

void ReverseNames::State::deliver(const std::shared_ptr<State>& self, const IpAddress& address,
                                  std::string name) const {
  if (loop == nullptr) return;
  // On the loop's thread, where nobody else destroys what listens.
  loop->post([self, address, name = std::move(name)] {
    if (self->loop != nullptr) self->on_name(address, name);
  });
}

std::optional<IpAddress> ReverseNames::State::next() {
  if (waiting.empty() || loop == nullptr) {
    --threads;
    return std::nullopt;
  }
  const IpAddress address = waiting.front();
  waiting.pop_front();
  return address;
}

}  // namespace oneping
