// Hop limit and traffic class as control messages: what a socket tells of each message that came,
// and is told of each that leaves.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "wire/ip_address.h"

namespace oneping {

// Calls visit(control) for each control message of `header` that is whole.
template <typename Visit>
void for_each_control(const msghdr& header, Visit visit) {
  auto* mutable_header = const_cast<msghdr*>(&header);  // CMSG_NXTHDR wants it, changes nothing
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(mutable_header, control)) {
    const auto* begin = static_cast<const std::uint8_t*>(header.msg_control);
    const auto at = static_cast<std::size_t>(reinterpret_cast<std::uint8_t*>(control) - begin);
    if (control->cmsg_len > header.msg_controllen - at) return;
    visit(static_cast<const cmsghdr&>(*control));
  }
}

// The value of a control message, which the kernel gives as one byte or as an int.
[[nodiscard]] inline std::optional<std::uint8_t> small_value(const cmsghdr& control) {
  if (control.cmsg_len == CMSG_LEN(1)) return *CMSG_DATA(&control);
  if (control.cmsg_len != CMSG_LEN(sizeof(int))) return std::nullopt;
  int value;
  std::memcpy(&value, CMSG_DATA(&control), sizeof value);
  return static_cast<std::uint8_t>(value);
}

struct HopLimitAndClass {
  std::optional<std::uint8_t> hop_limit;
  std::optional<std::uint8_t> traffic_class;

  // Takes it from `control` if it is there.
  void read(const cmsghdr& control) {
    const bool v6 = control.cmsg_level == IPPROTO_IPV6;
    if (!v6 && control.cmsg_level != IPPROTO_IP) return;
    if (control.cmsg_type == (v6 ? IPV6_HOPLIMIT : IP_TTL)) {
      hop_limit = small_value(control);
    } else if (control.cmsg_type == (v6 ? IPV6_TCLASS : IP_TOS)) {
      traffic_class = small_value(control);
    }
  }
};

// What a message that leaves is to have.
class SendControl {
 public:
  // `header` refers to this from then on. Without a hop limit the system's own is used.
  void attach_to(msghdr& header, IpFamily family, std::uint8_t traffic_class,
                 std::optional<std::uint8_t> hop_limit) {
    const bool v4 = family == IpFamily::v4;
    const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    header.msg_control = bytes_.data();
    header.msg_controllen = static_cast<decltype(header.msg_controllen)>(bytes_.size());
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    put(control, level, v4 ? IP_TOS : IPV6_TCLASS, traffic_class);
    if (hop_limit) {
      put(CMSG_NXTHDR(&header, control), level, v4 ? IP_TTL : IPV6_HOPLIMIT, *hop_limit);
    } else {
      header.msg_controllen = CMSG_SPACE(sizeof(int));
    }
  }

 private:
  static void put(cmsghdr* control, int level, int type, int value) {
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(control), &value, sizeof value);
  }

  alignas(cmsghdr) std::array<std::uint8_t, 2 * CMSG_SPACE(sizeof(int))> bytes_{};
};

}  // namespace oneping
