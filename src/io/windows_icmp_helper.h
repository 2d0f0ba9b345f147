// The ICMP helper functions of this Windows. They are looked up when the program runs: a system
// that has not all of them (Wine has some for IPv4 only) lacks the family, and nothing else.
//
// Completions are told in alertable waits (SleepEx and its like) of the thread that sent.
#pragma once

#include <array>
#include <memory>

#include "proxy/icmp_helper.h"

namespace oneping {

class WindowsIcmpHelper final : public IcmpHelper {
 public:
  WindowsIcmpHelper();
  ~WindowsIcmpHelper() override;
  WindowsIcmpHelper(const WindowsIcmpHelper&) = delete;
  WindowsIcmpHelper& operator=(const WindowsIcmpHelper&) = delete;

  [[nodiscard]] std::uint32_t open(IpFamily family) override;
  [[nodiscard]] std::uint32_t send(const IcmpHelperRequest& request,
                                   IcmpCompletion& completion) override;
  [[nodiscard]] std::uint32_t parse(IpFamily family, MutableBytes reply) override;
  void close(IpFamily family) override;

 private:
  struct Functions;

  [[nodiscard]] void*& handle(IpFamily family) {
    return handles_[static_cast<std::size_t>(family)];
  }

  std::unique_ptr<Functions> functions_;
  std::array<void*, 2> handles_{};  // null: not open
};

}  // namespace oneping
