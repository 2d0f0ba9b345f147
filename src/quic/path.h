// The two ends of a UDP flow, and how a pure endpoint hands out what it wants sent.
#pragma once

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping::quic {

struct Path {
  SocketAddress local;  // the address part is unspecified until the first packet told it
  SocketAddress remote;
  friend bool operator==(const Path&, const Path&) = default;
};

// Takes UDP payloads to send. io/udp_socket.h implements it with GSO or sendmmsg, the simulation
// with its virtual network.
class UdpSender {
 public:
  virtual ~UdpSender() = default;
  // `bytes` is one or more UDP payloads laid end to end, each of segment_size bytes but the last,
  // which may be shorter; all go to the same path. At most 64 segments and 65000 bytes. The bytes
  // are valid during the call only. Loss is not reported: QUIC finds out.
  virtual void send(const Path& path, Bytes bytes, std::size_t segment_size) = 0;
};

}  // namespace oneping::quic
