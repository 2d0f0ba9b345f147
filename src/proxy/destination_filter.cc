#include "proxy/destination_filter.h"

#include <algorithm>

namespace oneping {

namespace {

// Metadata services outside the link-local ranges, which are refused as a whole.
bool is_metadata_service(const IpAddress& address) {
  static const std::array kServices = {
      *IpAddress::parse("fd00:ec2::254"),       // Amazon
      *IpAddress::parse("fd20:ce::254"),        // Google
      *IpAddress::parse("fd00:c1::a9fe:a9fe"),  // Oracle
      *IpAddress::parse("168.63.129.16"),       // Microsoft
      *IpAddress::parse("100.100.100.200"),     // Alibaba
  };
  return std::find(kServices.begin(), kServices.end(), address) != kServices.end();
}

// 0.0.0.0/8, "this network" (RFC 6890): systems take it for themselves.
bool is_this_network(const IpAddress& address) {
  return address.is_v4() && address.v4_host_order() >> 24 == 0;
}

}  // namespace

bool DestinationFilter::is_special(const IpAddress& destination) {
  return !destination.is_single_host() || destination.is_link_local() ||
         is_this_network(destination) || is_metadata_service(destination);
}

bool DestinationFilter::is_allowed_by_name(const IpAddress& destination) const {
  return std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const Prefix& prefix) { return prefix.contains(destination); });
}

}  // namespace oneping
