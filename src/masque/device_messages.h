// What a device and its edge say to each other beside CONNECT-IP, as docs/device-protocol.md has
// it: three small requests with JSON bodies. Both ends read and write them here, and trust nothing
// that they read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/ip_address.h"

namespace oneping::masque {

inline constexpr std::string_view kEnrolPath = "/.well-known/oneping/enrol";
inline constexpr std::string_view kRenewPath = "/.well-known/oneping/renew";
inline constexpr std::string_view kHopsPath = "/.well-known/oneping/path";

// Every edge's certificate is valid for this name, wherever the edge is. A device knows its edge by
// the authority that signed that certificate, and not by where it found it.
inline constexpr const char* kEdgeServerName = "edge.oneping.internal";
inline constexpr const char* kDeviceAlpn = "h3";  // RFC 9114, 3.1

// A message's texts are at most so long, in bytes.
inline constexpr std::size_t kMaxMessageText = 32768;

struct EnrolRequest {
  std::string key;   // the enrolment key's text; never logged
  std::string csr;   // PEM
  std::string name;  // what the device would like to be called; empty: the edge chooses
};
struct EnrolAnswer {
  std::string device;  // its name
  std::int64_t id = 0;
  std::string certificate;  // PEM: the leaf, then the authority
  std::vector<Prefix> addresses;
};

struct RenewRequest {
  std::string csr;  // PEM, by the key that there is
};
struct RenewAnswer {
  std::string certificate;  // as above
};

// The first hops of the way to an address, as the edge knows them.
struct HopsAnswer {
  struct Hop {
    std::string role;                  // "edge", "connector"
    std::vector<IpAddress> addresses;  // that it may answer from; empty: not known
    std::optional<Duration> rtt;       // between it and the hop before
  };
  std::vector<Hop> hops;
  std::optional<std::string> tunnel;  // its name; nothing: no route
  std::string status;                 // of the tunnel, as the edge's API has it
};

[[nodiscard]] std::string to_json(const EnrolRequest& message);
[[nodiscard]] std::string to_json(const EnrolAnswer& message);
[[nodiscard]] std::string to_json(const RenewRequest& message);
[[nodiscard]] std::string to_json(const RenewAnswer& message);
[[nodiscard]] std::string to_json(const HopsAnswer& message);
// The body of an answer that refuses.
[[nodiscard]] std::string error_json(std::string_view sentence);

// Fields that are not known are passed over, so that either end may be the newer one.
[[nodiscard]] Result<EnrolRequest> parse_enrol_request(std::string_view json);
[[nodiscard]] Result<EnrolAnswer> parse_enrol_answer(std::string_view json);
[[nodiscard]] Result<RenewRequest> parse_renew_request(std::string_view json);
[[nodiscard]] Result<RenewAnswer> parse_renew_answer(std::string_view json);
[[nodiscard]] Result<HopsAnswer> parse_hops_answer(std::string_view json);
// The sentence, fit for a terminal; nothing if it says nothing that we understand.
[[nodiscard]] std::optional<std::string> parse_error(std::string_view json);

// kHopsPath with its query, and the address that it asks about.
[[nodiscard]] std::string hops_path(const IpAddress& to);
[[nodiscard]] std::optional<IpAddress> parse_hops_path(std::string_view path);

}  // namespace oneping::masque
