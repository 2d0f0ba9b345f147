#include "probe/error_words.h"

#include <array>

#include "probe/format.h"

namespace oneping::probe {

namespace {

constexpr std::uint8_t kFragmentationNeeded = 4;

// RFC 792; RFC 1122, 3.2.2.1; RFC 1812, 5.2.7.1.
constexpr std::array kUnreachableV4 = {
    "Destination Net Unreachable",
    "Destination Host Unreachable",
    "Destination Protocol Unreachable",
    "Destination Port Unreachable",
    "",  // has the MTU in it
    "Source Route Failed",
    "Destination Net Unknown",
    "Destination Host Unknown",
    "Source Host Isolated",
    "Destination Net Prohibited",
    "Destination Host Prohibited",
    "Destination Net Unreachable for Type of Service",
    "Destination Host Unreachable for Type of Service",
    "Packet filtered",
    "Precedence Violation",
    "Precedence Cutoff",
};
constexpr std::array kUnreachableMarksV4 = {
    "!N", "!H", "!P", "", "", "!S", "!N", "!H", "!N", "!X", "!X", "!N", "!H", "!X", "!V", "!C",
};

// RFC 4443, 3.1.
constexpr std::array kUnreachableV6 = {
    "No route",
    "Administratively prohibited",
    "Beyond scope of source address",
    "Address unreachable",
    "Port unreachable",
};
constexpr std::array kUnreachableMarksV6 = {"!N", "!X", "!H", "!H", ""};

std::string unreachable_v4(const Answer& error) {
  if (error.code == kFragmentationNeeded) {
    return format("Frag needed and DF set (mtu = %u)", error.info);
  }
  if (error.code < kUnreachableV4.size()) return kUnreachableV4[error.code];
  return format("Dest Unreachable, Bad Code: %d", error.code);
}

std::string ping_words_v4(const Answer& error) {
  switch (error.type) {
    case 3: return unreachable_v4(error);
    case 11:
      if (error.code == 0) return "Time to live exceeded";
      if (error.code == 1) return "Frag reassembly time exceeded";
      return format("Time exceeded, Bad Code: %d", error.code);
    case 12: return format("Parameter problem: pointer = %u", error.info);
  }
  return format("Bad ICMP type: %d", error.type);
}

std::string time_exceeded_v6(std::uint8_t code) {
  if (code == 0) return "Time exceeded: Hop limit";
  if (code == 1) return "Time exceeded: Defragmentation failure";
  return format("Time exceeded: code %d", code);
}

std::string parameter_problem_v6(const Answer& error) {
  constexpr std::array kFields = {"Wrong header field ", "Unknown header ", "Unknown option "};
  const std::string field =
      error.code < kFields.size() ? kFields[error.code] : format("code %d ", error.code);
  return format("Parameter problem: %sat %u", field.c_str(), error.info);
}

std::string ping_words_v6(const Answer& error) {
  switch (error.type) {
    case 1:
      return "Destination unreachable: " + (error.code < kUnreachableV6.size()
                                                ? std::string(kUnreachableV6[error.code])
                                                : format("Unknown code %d", error.code));
    case 2:
      return format("Packet too big: mtu=%u", error.info) +
             (error.code != 0 ? format(", code=%d", error.code) : "");
    case 3: return time_exceeded_v6(error.code);
    case 4: return parameter_problem_v6(error);
  }
  return format("unknown icmp type: %u", error.type);
}

}  // namespace

std::string ping_words(const Answer& error) {
  return error.family == IpFamily::v4 ? ping_words_v4(error) : ping_words_v6(error);
}

std::string trace_mark(const Answer& error) {
  if (error.is_hop_limit_exceeded()) return "";
  if (error.mtu()) return format("!F-%u", error.info);
  const bool v4 = error.family == IpFamily::v4;
  if (error.type != (v4 ? 3 : 1)) return format("!<%u-%u>", error.type, error.code);
  if (v4 && error.code < kUnreachableMarksV4.size()) return kUnreachableMarksV4[error.code];
  if (!v4 && error.code < kUnreachableMarksV6.size()) return kUnreachableMarksV6[error.code];
  return format("!<%u>", error.code);
}

}  // namespace oneping::probe
