#include "io/event_loop.h"

#include <asio.hpp>
#include <chrono>
#include <deque>
#include <unordered_map>
#include <vector>

#include "io/operation_memory.h"

namespace oneping {

namespace {

// MonotonicClock's epoch is that of the system's steady clock.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

Time read_clock() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

struct Watch {
  Watch(asio::io_context& context, std::function<void()> callback)
      : descriptor(context), on_readable(std::move(callback)) {}
  OperationMemory memory;
  asio::posix::stream_descriptor descriptor;
  std::function<void()> on_readable;
  bool active = true;
};

struct SignalWatch {
  SignalWatch(asio::io_context& context, std::function<void()> work)
      : signals(context), callback(std::move(work)) {}
  asio::signal_set signals;
  std::function<void()> callback;
};

}  // namespace

// Asio waits; turns are ours. A waiting operation is started again only at the end of a turn, so
// that a busy descriptor is called once in a turn, and starting it makes the reactor look at the
// descriptor's level again.
class EventLoop::Impl {
 public:
  Impl() : timer_(context_), alive_(asio::make_work_guard(context_)) {}
  ~Impl() {
    for (auto& [fd, watch] : watches_) watch->descriptor.release();
  }

  Time now() {
    if (!clock_read_) now_ = read_clock();
    clock_read_ = true;
    return now_;
  }

  Result<void> watch(int fd, std::function<void()> on_readable) {
    auto watch = std::make_shared<Watch>(context_, std::move(on_readable));
    asio::error_code error;
    if (watches_.contains(fd)) error = asio::error::already_open;
    if (!error) watch->descriptor.assign(fd, error);
    if (error) {
      return fail("watching descriptor " + std::to_string(fd) + ": " + error.message());
    }
    watches_.emplace(fd, watch);
    rearm_.reserve(watches_.size());
    wait_readable(watch);
    return {};
  }

  void unwatch(int fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    found->second->active = false;
    found->second->descriptor.release();
    watches_.erase(found);
  }

  void set_deadline(Time deadline) { deadline_ = deadline; }

  Result<void> on_signal(int signal, std::function<void()> callback) {
    auto& watch = signals_.emplace_back(context_, std::move(callback));
    asio::error_code error;
    watch.signals.add(signal, error);
    if (error) {
      signals_.pop_back();
      return fail("catching signal " + std::to_string(signal) + ": " + error.message());
    }
    wait_signal(watch);
    return {};
  }

  void post(std::function<void()> work) {
    asio::post(context_, [this, work = std::move(work)] {
      in_turn_ = true;
      work();
    });
  }

  void run(const TurnCallbacks& callbacks) {
    stopped_ = false;
    while (!stopped_) {
      wait();
      if (deadline_ <= now()) {
        deadline_ = kNever;
        callbacks.on_deadline(now());
      }
      callbacks.on_turn_end(now());
      for (auto& watch : rearm_) {
        if (watch->active) wait_readable(watch);
      }
      rearm_.clear();
    }
  }

  void stop() { stopped_ = true; }

 private:
  // Returns with everything that was ready called, or a deadline due.
  void wait() {
    in_turn_ = false;
    clock_read_ = false;
    while (!in_turn_ && !arm_timer()) context_.run_one();
    context_.poll();
  }

  // True if the deadline is due. A timer that is set for an earlier time stays: when it fires it
  // is set anew, which is cheaper than moving it at every turn.
  bool arm_timer() {
    if (deadline_ == kNever) return false;
    const Time current = read_clock();
    if (deadline_ <= current) return true;
    if (armed_ > current && armed_ <= deadline_) return false;
    armed_ = deadline_;
    timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(
        SteadyTime(deadline_.time_since_epoch())));
    timer_.async_wait(WithMemory{&timer_memory_, [](const asio::error_code&) {}});
    return false;
  }

  void wait_readable(const std::shared_ptr<Watch>& watch) {
    auto on_readable = [this, watch](const asio::error_code&) {
      if (!watch->active) return;
      in_turn_ = true;
      rearm_.push_back(watch);
      watch->on_readable();
    };
    watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                 WithMemory{&watch->memory, std::move(on_readable)});
  }

  void wait_signal(SignalWatch& watch) {
    watch.signals.async_wait([this, &watch](const asio::error_code& error, int) {
      if (error) return;
      in_turn_ = true;
      watch.callback();
      wait_signal(watch);
    });
  }

  OperationMemory timer_memory_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  asio::executor_work_guard<asio::io_context::executor_type> alive_;
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  std::vector<std::shared_ptr<Watch>> rearm_;  // called in this turn
  std::deque<SignalWatch> signals_;
  Time now_{};
  Time deadline_ = kNever;
  Time armed_{};  // what the timer was last set for
  bool clock_read_ = false;
  bool in_turn_ = false;
  bool stopped_ = false;
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

Time EventLoop::now() { return impl_->now(); }
Result<void> EventLoop::watch(int fd, std::function<void()> on_readable) {
  return impl_->watch(fd, std::move(on_readable));
}
void EventLoop::unwatch(int fd) { impl_->unwatch(fd); }
void EventLoop::set_deadline(Time deadline) { impl_->set_deadline(deadline); }
Result<void> EventLoop::on_signal(int signal, std::function<void()> callback) {
  return impl_->on_signal(signal, std::move(callback));
}
void EventLoop::post(std::function<void()> work) { impl_->post(std::move(work)); }
void EventLoop::run(const TurnCallbacks& callbacks) { impl_->run(callbacks); }
void EventLoop::stop() { impl_->stop(); }

}  // namespace oneping
