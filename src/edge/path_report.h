// What somebody wants to know of the path to an address, and what has been found out so far:
// values, to be read on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "edge/identity.h"
#include "probe/path_mtu.h"
#include "wire/ip_address.h"

namespace oneping::edge {

enum class Transport : std::uint8_t { tcp, udp };
[[nodiscard]] std::string_view to_string(Transport transport);

struct PortQuestion {
  Transport transport = Transport::tcp;
  std::uint16_t number = 0;
};

struct PathQuestion {
  IpAddress to;
  // Whose packets it is about. Without a device they are the edge's own, in this virtual network,
  // as of somebody whom no policy names.
  std::optional<DeviceId> device;
  NetworkId network = 0;
  Duration interval = std::chrono::seconds(1);  // of a round of probes, one for each hop
  std::optional<unsigned> rounds;               // nothing: until it is stopped
  std::optional<PortQuestion> port;             // of the destination, to be tried too
};

enum class HopRole : std::uint8_t { edge, connector, router, destination };
[[nodiscard]] std::string_view to_string(HopRole role);

struct HopReport {
  unsigned ttl = 0;
  HopRole role = HopRole::router;
  std::optional<IpAddress> address;  // who answered last; nothing: nobody has
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;  // of what is no longer on its way
  // Round trips, once something has come back.
  std::optional<Duration> last, best, average, worst, jitter;
  // What an ICMP error says that ended the path here, by its numbers.
  struct Error {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    friend bool operator==(const Error&, const Error&) = default;
  };
  std::optional<Error> error;
  friend bool operator==(const HopReport&, const HopReport&) = default;
};

// What a connection attempt, or datagrams, to a port came to.
struct PortReport {
  enum class Outcome : std::uint8_t {
    open,         // it was accepted, or answered
    refused,      // the host is there, and nobody listens
    silent,       // nothing came back
    unreachable,  // somebody says that it does not get there
    unknown,      // it could not be tried
  };
  Transport transport = Transport::tcp;
  std::uint16_t number = 0;
  Outcome outcome = Outcome::unknown;
  std::string detail;  // in the words of who said it, or why it could not be tried
};

struct PathReport {
  std::vector<HopReport> hops;  // from the edge on
  bool is_reached = false;      // the destination has answered
  bool is_complete = false;     // all rounds are over; size and port are known where they can be
  // How large packets get there; nothing while that is not known.
  std::optional<probe::PathMtuResult> mtu;
  std::optional<Duration> edge_to_connector;  // the shortest round trip
  std::optional<PortReport> port;             // that was asked about, once it is known
  // Of a destination that is silent: by which port it has shown that it is there.
  std::optional<PortReport> life;
};

}  // namespace oneping::edge
