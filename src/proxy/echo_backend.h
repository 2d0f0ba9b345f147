// How the echo proxy reaches the network: io/echo_linux.h has the real one, the simulation another.
//
// The proxy numbers its outstanding requests with slots. A backend has channels (on Linux: a ping
// socket, whose kernel-chosen id stands for the channel), and each channel tells 65536 requests
// apart by the ICMP sequence number. The echo id on the wire is the backend's business.
//
// What one system knows of an error and another does not (Windows tells neither the quoted packet
// nor the MTU) may stay empty: the proxy keeps what it needs to write a quote itself. The backend
// says what it was told and by whom; whether that is to be believed, and what the client hears of
// it, the proxy decides.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/time.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/ip_address.h"

namespace oneping {

// Sockets send all their packets whole or let all be sent in pieces, so there is a kind for each.
// IPv6 packets in pieces fit the narrowest link, so that no router has to say what fits.
enum class EchoChannelKind : std::uint8_t {
  v4_dont_fragment,
  v4_may_fragment,
  v6_dont_fragment,
  v6_may_fragment,
};
inline constexpr std::size_t kEchoChannelKinds = 4;

[[nodiscard]] constexpr IpFamily family_of(EchoChannelKind kind) {
  using enum EchoChannelKind;
  return kind == v6_dont_fragment || kind == v6_may_fragment ? IpFamily::v6 : IpFamily::v4;
}

inline constexpr std::size_t kSequencesPerChannel = 65536;

struct EchoSlot {
  EchoChannelKind kind;
  std::uint16_t channel;   // below channels(kind)
  std::uint16_t sequence;  // the ICMP sequence number on the wire
  friend auto operator<=>(const EchoSlot&, const EchoSlot&) = default;
};

struct EchoRequest {
  IpAddress destination;
  std::optional<std::uint8_t> hop_limit;  // nothing: what this system sends with by default
  std::uint8_t traffic_class;
  Bytes payload;  // behind the 8-byte ICMP header; copied during the call
};

// The largest payload of an echo request: what an IPv4 packet, or an IPv6 packet's payload, holds.
[[nodiscard]] constexpr std::size_t max_echo_payload(IpFamily family) {
  return 65535 - kIcmpHeaderSize - (family == IpFamily::v4 ? kIpv4HeaderSize : 0);
}

// Views in what follows are valid during the call only.

// Stands for the hop limit of an answer where the system does not tell it: that of a host which is
// no hop away.
inline constexpr std::uint8_t kHopLimitNotTold = 64;

struct EchoReply {
  IpAddress source;
  std::uint8_t hop_limit;      // as received, or kHopLimitNotTold
  std::uint8_t traffic_class;  // as received; 0: not known
  Bytes payload;
};

// An ICMP error that quotes a request.
struct EchoError {
  IpAddress offender;     // who sent the error: a router, or the host itself
  IpAddress destination;  // of the request, as quoted
  std::uint8_t type;
  std::uint8_t code;
  std::uint32_t parameter;     // the MTU or the pointer, for types that have one; 0: not known
  std::uint8_t hop_limit;      // of the error, as received
  std::uint8_t traffic_class;  // of the error, as received
  Bytes payload;               // the request's, as far as it is quoted; perhaps padded behind
  Bytes extensions;            // the RFC 4884 structure with its header; empty if there is none
};

// This host itself could not send a request on.
struct EchoFailure {
  IpAddress destination;
  DropReason reason;
  std::size_t mtu = 0;  // for too_big: what would have fitted; 0 if not known
  Bytes payload;        // of the request, as far as it is known still
  // The system took it and gave up later: a neighbour did not answer for seconds.
  bool was_sent = false;
};

// Gets what comes back. The network is not trusted: anybody who guesses an id can send a reply or
// an error, so the receiver matches them against the request.
class EchoReplies {
 public:
  virtual ~EchoReplies() = default;
  virtual void on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time now) = 0;
  virtual void on_echo_error(const EchoSlot& slot, const EchoError& error, Time now) = 0;
  // Whether the client was told.
  virtual bool on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time now) = 0;
};

class EchoBackend {
 public:
  virtual ~EchoBackend() = default;

  // Channels that could be opened for this kind; 0 when the system does not let us.
  [[nodiscard]] virtual std::uint16_t channels(EchoChannelKind kind) const = 0;

  // Queues a request; it leaves at the next flush(), or earlier when a batch is full. Refusals that
  // show at once (too_big) are returned; those of the system come as failures with the next
  // flush(). Never calls EchoReplies.
  [[nodiscard]] virtual std::optional<DropReason> send(const EchoSlot& slot,
                                                       const EchoRequest& request, Time now) = 0;
  // Sends what is queued, and hands over the failures since the last time.
  virtual void flush(EchoReplies& replies, Time now) = 0;

  // The address that packets to `destination` leave with: this host's own hop address on the way
  // there. Nothing if there is no route.
  [[nodiscard]] virtual std::optional<IpAddress> source_for(const IpAddress& destination) const = 0;

  // Whether `address` is one of this host's own.
  [[nodiscard]] virtual bool is_own_address(const IpAddress& address) const = 0;
  // Whether it is a broadcast address of one of its networks; such destinations are refused.
  [[nodiscard]] virtual bool is_broadcast(const IpAddress& address) const = 0;
};

}  // namespace oneping
