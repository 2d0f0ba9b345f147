#include "io/udp_message.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

#include "io/socket_address.h"

namespace oneping {

namespace {

template <typename T>
T control_value(const cmsghdr* control) {
  T value;
  std::memcpy(&value, CMSG_DATA(control), sizeof value);
  return value;
}

// Appends a control message; the buffer has room for all that are ever put in one message.
template <typename T>
void append_control(msghdr& header, int level, int type, const T& value) {
  auto* place = static_cast<std::uint8_t*>(header.msg_control) + header.msg_controllen;
  std::memset(place, 0, CMSG_SPACE(sizeof value));
  auto* control = reinterpret_cast<cmsghdr*>(place);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

void append_source(msghdr& header, const IpAddress& source) {
  if (source.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.network_bytes().data(), 4);
    append_control(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, source.network_bytes().data(), 16);
    append_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

void point_for_receive(mmsghdr& header, UdpMessage& message) {
  header = {};
  header.msg_hdr.msg_name = &message.remote;
  header.msg_hdr.msg_namelen = sizeof message.remote;
  header.msg_hdr.msg_iov = &message.bytes;
  header.msg_hdr.msg_iovlen = 1;
  header.msg_hdr.msg_control = message.control;
  header.msg_hdr.msg_controllen = sizeof message.control;
}

UdpReceiveInfo read_control(const msghdr& header) {
  UdpReceiveInfo info;
  auto& mutable_header = const_cast<msghdr&>(header);  // CMSG_NXTHDR takes no const, and only reads
  for (auto* c = CMSG_FIRSTHDR(&mutable_header); c; c = CMSG_NXTHDR(&mutable_header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      info.local = IpAddress::v4(ntohl(control_value<in_pktinfo>(c).ipi_spec_dst.s_addr));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      info.local = IpAddress::from_v6(control_value<in6_pktinfo>(c).ipi6_addr.s6_addr);
    } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      info.segment_size = static_cast<std::size_t>(control_value<int>(c));
    }
  }
  return info;
}

void fill_for_send(mmsghdr& header, UdpMessage& message, const quic::Path& path, Bytes bytes,
                   bool set_source, std::size_t segment_size) {
  header = {};
  header.msg_hdr.msg_name = &message.remote;
  header.msg_hdr.msg_namelen = to_sockaddr(path.remote, message.remote);
  message.bytes = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};  // sendmsg only reads
  header.msg_hdr.msg_iov = &message.bytes;
  header.msg_hdr.msg_iovlen = 1;
  header.msg_hdr.msg_control = message.control;
  if (set_source && !path.local.address.is_unspecified()) {
    append_source(header.msg_hdr, path.local.address);
  }
  if (segment_size != 0) {
    append_control(header.msg_hdr, IPPROTO_UDP, UDP_SEGMENT,
                   static_cast<std::uint16_t>(segment_size));
  }
  if (header.msg_hdr.msg_controllen == 0) header.msg_hdr.msg_control = nullptr;
}

}  // namespace oneping
