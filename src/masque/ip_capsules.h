// What the capsules of CONNECT-IP say (RFC 9484, 4.7): addresses that one end gives the other, asks
// for, and ranges that it routes to. Parsing holds every rule of the RFC; a failure says which one
// was broken, and the stream is then to be reset as malformed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "masque/ip_range.h"
#include "wire/ip_address.h"

namespace oneping::masque {

// In ADDRESS_ASSIGN and ADDRESS_REQUEST.
struct AddressEntry {
  std::uint64_t request_id = 0;  // 0: not in answer to a request
  Prefix prefix;
  friend bool operator==(const AddressEntry&, const AddressEntry&) = default;
};

// "You get none": the answer to a request that is not met (4.7.2), and "any" within a request.
[[nodiscard]] AddressEntry no_address(std::uint64_t request_id, IpFamily family);
[[nodiscard]] bool is_no_address(const AddressEntry& entry);

[[nodiscard]] Result<std::vector<AddressEntry>> parse_address_assign(Bytes value);
// At least one, and no id is zero.
[[nodiscard]] Result<std::vector<AddressEntry>> parse_address_request(Bytes value);
// In order, without an overlap.
[[nodiscard]] Result<std::vector<IpRange>> parse_route_advertisement(Bytes value);

// Whole capsules. What is given must keep the rules above.
void append_address_assign(std::vector<std::uint8_t>& to, std::span<const AddressEntry> entries);
void append_address_request(std::vector<std::uint8_t>& to, std::span<const AddressEntry> entries);
void append_route_advertisement(std::vector<std::uint8_t>& to, std::span<const IpRange> ranges);

}  // namespace oneping::masque
