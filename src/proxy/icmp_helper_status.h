// What an IP_STATUS of Windows means. Several ICMP messages share one status, and what they said
// besides (the quote, the MTU, the pointer, extensions) is lost.
#pragma once

#include <cstdint>

#include "base/drop_reason.h"
#include "wire/ip.h"
#include "wire/ip_address.h"

namespace oneping {

struct IcmpStatusMeaning {
  enum class Kind : std::uint8_t {
    reply,
    error,      // an ICMP error, if somebody else sent it
    silence,    // nothing came in time
    forbidden,  // a message that is not forwarded (RFC 6633), or one that nobody can name
    failure,    // this host's own trouble: no router has said anything
  };
  Kind kind;
  // Of an error.
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t parameter = 0;
  // If it was this host that said so.
  DropReason local = DropReason::send_failed;
};

[[nodiscard]] constexpr IcmpStatusMeaning meaning_of_icmp_status(IpFamily family,
                                                                 std::uint32_t status) {
  using enum IcmpStatusMeaning::Kind;
  const bool v4 = family == IpFamily::v4;
  const IcmpStatusMeaning for_other_family{.kind = failure};
  switch (status) {
    case 0: return {.kind = reply};
    // Network or no route. IPv4: also codes 6, 9 and 11.
    case 11002:
      return {.kind = error, .type = std::uint8_t(v4 ? 3 : 1), .local = DropReason::no_route};
    // Host or address. IPv4: also codes 7, 8, 10 and 12 to 15.
    case 11003:
      return {.kind = error,
              .type = std::uint8_t(v4 ? 3 : 1),
              .code = std::uint8_t(v4 ? 1 : 3),
              .local = DropReason::host_unreachable};
    // One number, two meanings: the protocol; prohibited.
    case 11004:
      return {.kind = error, .type = std::uint8_t(v4 ? 3 : 1), .code = std::uint8_t(v4 ? 2 : 1)};
    // Port.
    case 11005:
      return {.kind = error, .type = std::uint8_t(v4 ? 3 : 1), .code = std::uint8_t(v4 ? 3 : 4)};
    // Too big. An IPv4 router may leave the MTU open (RFC 1191, 5). An IPv6 one may not: what every
    // link carries is true of any.
    case 11009:
      return {.kind = error,
              .type = std::uint8_t(v4 ? 3 : 2),
              .code = std::uint8_t(v4 ? 4 : 0),
              .parameter = v4 ? 0u : std::uint32_t{kIpv6MinMtu},
              .local = DropReason::too_big};
    case 11010: return {.kind = silence};
    // Bad route: the source route failed.
    case 11012:
      return v4 ? IcmpStatusMeaning{.kind = error, .type = 3, .code = 5} : for_other_family;
    // Hop limit exceeded; the other pieces never came.
    case 11013: return {.kind = error, .type = std::uint8_t(v4 ? 11 : 3)};
    case 11014: return {.kind = error, .type = std::uint8_t(v4 ? 11 : 3), .code = 1};
    // Parameter problem; where is not known.
    case 11015: return {.kind = error, .type = std::uint8_t(v4 ? 12 : 4)};
    // Source quench.
    case 11016: return v4 ? IcmpStatusMeaning{.kind = forbidden} : for_other_family;
    // From here on IPv6 only. Unreachable, time exceeded, bad header, next header, "an error",
    // beyond the scope.
    case 11040: return v4 ? for_other_family : IcmpStatusMeaning{.kind = error, .type = 1};
    case 11041: return v4 ? for_other_family : IcmpStatusMeaning{.kind = error, .type = 3};
    case 11042: return v4 ? for_other_family : IcmpStatusMeaning{.kind = error, .type = 4};
    case 11043:
      return v4 ? for_other_family : IcmpStatusMeaning{.kind = error, .type = 4, .code = 1};
    case 11044: return v4 ? for_other_family : IcmpStatusMeaning{.kind = forbidden};
    case 11045:
      return v4 ? for_other_family : IcmpStatusMeaning{.kind = error, .type = 1, .code = 2};
    // No memory, no buffer, bad options, "general failure", and what is no IP_STATUS at all.
    default: return {.kind = failure};
  }
}

// Why the system did not take a request, by the error of the call: an IP_STATUS or one of Win32's.
[[nodiscard]] constexpr DropReason refusal_for_icmp_error(IpFamily family, std::uint32_t error) {
  switch (error) {
    case 8:                                           // ERROR_NOT_ENOUGH_MEMORY
    case 1450:                                        // ERROR_NO_SYSTEM_RESOURCES
    case 11006: return DropReason::no_buffer;         // IP_NO_RESOURCES
    case 1231:                                        // ERROR_NETWORK_UNREACHABLE
    case 10051: return DropReason::no_route;          // WSAENETUNREACH
    case 1232:                                        // ERROR_HOST_UNREACHABLE
    case 10065: return DropReason::host_unreachable;  // WSAEHOSTUNREACH
    default: return meaning_of_icmp_status(family, error).local;
  }
}

}  // namespace oneping
