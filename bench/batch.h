// Many messages to a system call, for the load generators.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace oneping::bench {

inline constexpr std::size_t kBatch = 64;

// 64 messages of one direction with their buffers, made once.
class Batch {
 public:
  Batch(std::size_t data_size, std::size_t control_size) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {.iov_base = data_[i].data(), .iov_len = data_size};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_control = control_[i].data();
      messages_[i].msg_hdr.msg_controllen = control_size;
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  mmsghdr* messages() { return messages_.data(); }
  mmsghdr& message(std::size_t i) { return messages_[i]; }
  std::uint8_t* data(std::size_t i) { return data_[i].data(); }

 private:
  std::array<std::array<std::uint8_t, 2048>, kBatch> data_{};
  struct alignas(cmsghdr) Control : std::array<std::uint8_t, 256> {};
  std::array<Control, kBatch> control_{};
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> messages_{};
};

}  // namespace oneping::bench
