// A TUN device: whole IP packets to and from this machine's network stack.
//
// open() makes the interface with its MTU, addresses and routes, which takes CAP_NET_ADMIN; reading
// and writing afterwards takes none. Interface, addresses and routes vanish with the object.
// send() refuses with queue_full (the stack does not keep up), link_down (somebody took the
// interface down), too_big or send_failed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "forward/link.h"
#include "io/fd.h"
#include "io/interface_address.h"

namespace oneping {

struct TunOptions {
  std::string name = "oneping0";
  int mtu = 1500;
  std::vector<InterfaceAddress> addresses{};
  std::vector<Prefix> routes{};
};

class TunDevice final : public Link {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TunDevice>> open(const TunOptions& options);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

  // Changes a route of the device. Needs CAP_NET_ADMIN still.
  [[nodiscard]] Result<void> add_route(const Prefix& destination);
  [[nodiscard]] Result<void> remove_route(const Prefix& destination);

  // Hands out packets that the stack sent, a bounded number; the device stays readable if there
  // are more. The pool's packets must hold the MTU. With the pool at its bound packets are read and
  // dropped: left in the kernel, they would keep the device readable and an event loop busy.
  void read(PacketPool& pool, const std::function<void(Packet)>& on_packet);
  // Packets that were read while the pool had no room: DropReason::no_buffer.
  [[nodiscard]] std::uint64_t dropped_no_buffer() const { return dropped_no_buffer_; }
  // Packets that the kernel had no more room for, as they were not read in time. Asks the kernel.
  [[nodiscard]] std::uint64_t dropped_in_queue() const;

  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
  [[nodiscard]] std::size_t max_packet_size() const override { return mtu_; }
  // Somebody has given the interface another MTU.
  void on_mtu_changed(std::size_t mtu) { mtu_ = mtu; }

 private:
  TunDevice(Fd fd, std::string name, std::size_t mtu)
      : fd_(std::move(fd)), name_(std::move(name)), mtu_(mtu) {}

  Fd fd_;
  std::string name_;
  std::size_t mtu_;
  std::uint64_t dropped_no_buffer_ = 0;
};

}  // namespace oneping
