// A std::shared_mutex in whose queue nobody is passed over: readers that keep coming cannot keep a
// writer waiting.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace oneping {

class FairSharedMutex {
 public:
  void lock() {
    const std::lock_guard turn(gate_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    const std::lock_guard turn(gate_);  // a writer that waits has it
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

 private:
  std::mutex gate_;
  std::shared_mutex mutex_;
};

}  // namespace oneping
