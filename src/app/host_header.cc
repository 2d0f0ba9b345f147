#include "app/host_header.h"

#include <string>

namespace oneping {

namespace {

// Without the port; a bracketed address without its brackets.
std::string_view host_part(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == host.npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace

bool is_trusted_host(std::string_view host, const IpAddress& listening) {
  if (!listening.is_loopback()) return true;
  const std::string_view name = host_part(host);
  if (name == "localhost") return true;
  const auto address = IpAddress::parse(name);
  if (!address) return false;
  return *address == listening || *address == *IpAddress::parse("127.0.0.1") ||
         *address == *IpAddress::parse("::1");
}

}  // namespace oneping
