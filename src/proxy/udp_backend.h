// How the UDP proxy reaches the network: io/udp_linux.h has the real one, the simulation another.
//
// The proxy numbers its sockets: below max_sockets(), and a number again when its socket is closed.
// A socket is not connected: what is sent says where to, what comes says from where. Errors are as
// those of the echo backend (echo_backend.h): the backend says what it was told and by whom, and
// the proxy decides what the client hears of it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/time.h"
#include "wire/ip_address.h"

namespace oneping {

using UdpSocketId = std::uint32_t;

struct UdpDatagram {
  SocketAddress destination;
  std::optional<std::uint8_t> hop_limit;  // nothing: the system's own
  std::uint8_t traffic_class;
  bool dont_fragment;
  Bytes payload;  // copied during the call
};

// Views in what follows are valid during the call only.

struct UdpReply {
  SocketAddress source;
  std::uint8_t hop_limit;      // as received
  std::uint8_t traffic_class;  // as received
  Bytes payload;
};

// An ICMP error that quotes a datagram of the socket.
struct UdpError {
  IpAddress offender;         // who sent the error: a router, or the host itself
  SocketAddress destination;  // of the datagram, as quoted
  std::uint8_t type;
  std::uint8_t code;
  std::uint32_t parameter;     // the MTU or the pointer, for types that have one; 0: not known
  std::uint8_t hop_limit;      // of the error, as received
  std::uint8_t traffic_class;  // of the error, as received
  Bytes payload;               // the datagram's, as far as it is quoted; perhaps padded behind
  Bytes extensions;            // the RFC 4884 structure with its header; empty if there is none
};

// This host itself could not send a datagram on.
struct UdpFailure {
  SocketAddress destination;
  DropReason reason;
  std::size_t mtu = 0;  // for too_big: what would have fitted; 0 if not known
  Bytes payload;        // of the datagram, as far as it is known still
};

// Gets what comes back. The network is not trusted: anybody who finds the socket's port can send to
// it, so the receiver looks whether somebody asked him.
class UdpReplies {
 public:
  virtual ~UdpReplies() = default;
  virtual void on_udp_reply(UdpSocketId socket, const UdpReply& reply, Time now) = 0;
  virtual void on_udp_error(UdpSocketId socket, const UdpError& error, Time now) = 0;
  // Whether the client was told.
  virtual bool on_udp_failure(UdpSocketId socket, const UdpFailure& failure, Time now) = 0;
};

class UdpBackend {
 public:
  virtual ~UdpBackend() = default;

  // How many sockets there may be at once.
  [[nodiscard]] virtual std::size_t max_sockets() const = 0;

  // Opens a socket with a port of the system's choice. Fails with flow_table_full when the system
  // has no more, with link_down when it has no such family.
  [[nodiscard]] virtual std::optional<DropReason> open(UdpSocketId socket, IpFamily family) = 0;
  // What is queued for it leaves first. Nothing more comes of it.
  virtual void close(UdpSocketId socket) = 0;

  // Queues a datagram; it leaves at the next flush(), or earlier when a batch is full. Refusals
  // that show at once (too_big) are returned; those of the system come as failures with the next
  // flush(). Never calls UdpReplies.
  [[nodiscard]] virtual std::optional<DropReason> send(UdpSocketId socket,
                                                       const UdpDatagram& datagram, Time now) = 0;
  // Sends what is queued, and hands over the failures since the last time.
  virtual void flush(UdpReplies& replies, Time now) = 0;

  // Whether it is a broadcast address of one of this host's networks; such destinations are
  // refused.
  [[nodiscard]] virtual bool is_broadcast(const IpAddress& address) const = 0;
};

}  // namespace oneping
