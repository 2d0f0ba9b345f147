#include "io/origin_ports.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace oneping {

namespace {

constexpr int kTries = 64;

template <typename... Numbers>
bool read_numbers(const char* file, Numbers&... numbers) {
  std::ifstream in(file);
  return static_cast<bool>((in >> ... >> numbers));
}

// "8080,9148-9150"
std::vector<std::pair<std::uint16_t, std::uint16_t>> read_ranges(const char* file) {
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ranges;
  std::ifstream in(file);
  for (std::string item; std::getline(in, item, ',');) {
    std::istringstream text(item);
    unsigned first = 0, last = 0;
    char dash = 0;
    if (!(text >> first)) continue;
    if (!(text >> dash >> last)) last = first;
    ranges.emplace_back(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
  }
  return ranges;
}

}  // namespace

LocalPorts LocalPorts::read() {
  LocalPorts ports;
  std::uint16_t first = 0, last = 0, least = 0;
  if (read_numbers("/proc/sys/net/ipv4/ip_local_port_range", first, last) && first <= last) {
    ports.first = first;
    ports.last = last;
  }
  if (read_numbers("/proc/sys/net/ipv4/ip_unprivileged_port_start", least)) {
    ports.least = std::max(least, std::uint16_t{1});
  }
  ports.reserved = read_ranges("/proc/sys/net/ipv4/ip_local_reserved_ports");
  return ports;
}

std::optional<std::uint16_t> OriginPorts::choose() const {
  for (int i = 0; i < kTries; ++i) {
    const auto port =
        static_cast<std::uint16_t>(ports_.least + random_.below(65536u - ports_.least));
    if (is_outside(port)) return port;
  }
  return std::nullopt;
}

bool OriginPorts::is_outside(std::uint16_t port) const {
  if (port >= ports_.first && port <= ports_.last) return false;
  return std::ranges::none_of(ports_.reserved, [port](const auto& range) {
    return port >= range.first && port <= range.second;
  });
}

}  // namespace oneping
