#include "io/tun_device.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <cstring>

#include "io/netlink.h"
#include "io/system_error.h"

namespace oneping {

namespace {

constexpr int kPacketsPerRead = 64;
// What may wait in the kernel: 200 datagrams of the largest size at once, in pieces. The default of
// 500 is ten of them; and what the kernel drops, nobody is told.
constexpr int kQueueLength = 12'000;

// A tunnel has no routers to solicit and no neighbours to greet: without this the kernel sends
// router solicitations and multicast reports into it. No harm if it is not allowed.
void silence_ipv6(const std::string& name) {
  const auto write_setting = [&](const char* setting, const char* value) {
    const std::string path = "/proc/sys/net/ipv6/conf/" + name + "/" + setting;
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd && ::write(fd.get(), value, std::strlen(value)) < 0) return;
  };
  write_setting("addr_gen_mode", "1");  // no link-local address
  write_setting("accept_ra", "0");
  write_setting("router_solicitations", "0");
}

Result<Fd> open_interface(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return fail("opening TUN device '" + name + "': a name has 1 to 15 characters");
  }
  Fd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return system_failure("opening /dev/net/tun");
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    return system_failure("making TUN device " + name + " (takes CAP_NET_ADMIN)");
  }
  return fd;
}

Result<void> configure(const TunOptions& options) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::make_unexpected(netlink.error());
  silence_ipv6(options.name);
  Result<void> done = netlink->set_queue_length(options.name, kQueueLength);
  if (done) done = netlink->set_up(options.name, options.mtu);
  for (const auto& address : options.addresses) {
    if (done) done = netlink->add_address(options.name, address);
  }
  for (const auto& route : options.routes) {
    if (done) done = netlink->add_route(options.name, route);
  }
  return done;
}

}  // namespace

Result<std::unique_ptr<TunDevice>> TunDevice::open(const TunOptions& options) {
  auto fd = open_interface(options.name);
  if (!fd) return tl::make_unexpected(fd.error());
  if (const auto configured = configure(options); !configured) {
    return tl::make_unexpected(configured.error());
  }
  return std::unique_ptr<TunDevice>(
      new TunDevice(std::move(*fd), options.name, static_cast<std::size_t>(options.mtu)));
}

Result<void> TunDevice::add_route(const Prefix& destination) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::make_unexpected(netlink.error());
  return netlink->add_route(name_, destination);
}

Result<void> TunDevice::remove_route(const Prefix& destination) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::make_unexpected(netlink.error());
  return netlink->remove_route(name_, destination);
}

void TunDevice::read(PacketPool& pool, const std::function<void(Packet)>& on_packet) {
  for (int i = 0; i < kPacketsPerRead; ++i) {
    auto packet = pool.allocate(pool.max_packet_size());
    if (!packet) {
      std::uint8_t cut_short;  // the kernel drops what does not fit into the buffer
      if (::read(fd_.get(), &cut_short, sizeof cut_short) <= 0) return;
      ++dropped_no_buffer_;
      continue;
    }
    const ssize_t size = ::read(fd_.get(), packet->data(), packet->size());
    if (size <= 0) return;  // EAGAIN: no more
    packet->remove_suffix(packet->size() - static_cast<std::size_t>(size));
    on_packet(std::move(*packet));
  }
}

std::uint64_t TunDevice::dropped_in_queue() const {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return 0;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, ::freeifaddrs);
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    // One of an interface's entries has the link's numbers.
    if (each->ifa_name != name_ || each->ifa_data == nullptr) continue;
    return static_cast<const rtnl_link_stats*>(each->ifa_data)->tx_dropped;
  }
  return 0;  // somebody took it away
}

std::optional<DropReason> TunDevice::send(Packet& packet, Time) {
  if (packet.size() > mtu_) return DropReason::too_big;
  if (::write(fd_.get(), packet.data(), packet.size()) < 0) {
    if (errno == EAGAIN || errno == ENOBUFS) return DropReason::queue_full;
    if (errno == EIO) return DropReason::link_down;
    return DropReason::send_failed;
  }
  packet = Packet();
  return std::nullopt;
}

}  // namespace oneping
