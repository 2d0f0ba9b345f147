#include "app/setting_value.h"

#include <charconv>

namespace oneping {

namespace {

struct Unit {
  const char* name;
  Duration size;
};
constexpr Unit kUnits[] = {{"h", std::chrono::hours(1)},
                           {"m", std::chrono::minutes(1)},
                           {"s", std::chrono::seconds(1)},
                           {"ms", std::chrono::milliseconds(1)}};
constexpr std::int64_t kMaxHours = std::int64_t{24} * 365;

tl::unexpected<Error> refuse(const std::string& text, const std::string& what_it_should_be) {
  return fail("'" + text + "' is not " + what_it_should_be);
}

template <typename T>
Result<void> take(const std::optional<T>& parsed, T& value, const std::string& text,
                  const char* what_it_should_be) {
  if (!parsed) return refuse(text, what_it_should_be);
  value = *parsed;
  return {};
}

}  // namespace

Result<void> parse_setting(const std::string& text, std::string& value) {
  if (text.empty()) return fail("is empty");
  value = text;
  return {};
}

Result<void> parse_setting(const std::string& text, Duration& value) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc{} && count >= 0) {
    for (const auto& unit : kUnits) {
      const bool fits = count <= std::chrono::hours(kMaxHours) / unit.size;
      if (std::string_view(stop, end) == unit.name && fits) {
        value = count * unit.size;
        return {};
      }
    }
  }
  return refuse(text, "a duration: write for example 30s, 500ms or 2m");
}

Result<void> parse_setting(const std::string& text, SocketAddress& value) {
  return take(SocketAddress::parse(text), value, text,
              "an address with port: write for example 192.0.2.1:7844 or [2001:db8::1]:7844");
}

Result<void> parse_setting(const std::string& text, std::optional<SocketAddress>& value) {
  if (text == "none") {
    value.reset();
    return {};
  }
  if (!SocketAddress::parse(text)) {
    return refuse(text, "an address with port: write for example 127.0.0.1:9790, or none");
  }
  value = SocketAddress::parse(text);
  return {};
}

Result<void> parse_setting(const std::string& text, HostPort& value) {
  return take(HostPort::parse(text), value, text,
              "HOST:PORT: write for example edge.example.net:7844 or [2001:db8::1]:7844");
}

Result<void> parse_setting(const std::string& text, Prefix& value) {
  if (const auto prefix = Prefix::parse(text)) {
    value = *prefix;
    return {};
  }
  // "10.0.0.1/8" is most often a slip, so say which prefix it would be.
  const auto host = InterfaceAddress::parse(text);
  if (!host) return refuse(text, "a prefix: write for example 10.0.0.0/8 or fd00::/8");
  return refuse(text, "a prefix, for it has bits behind its length: did you mean " +
                          Prefix(host->address, host->prefix_length).to_string() + "?");
}

Result<void> parse_setting(const std::string& text, InterfaceAddress& value) {
  return take(InterfaceAddress::parse(text), value, text,
              "an interface's address: write for example 10.0.0.1/24 or fd00::1/64");
}

std::string setting_text(const std::string& value) { return value; }

std::string setting_text(Duration value) {
  for (const auto& unit : kUnits) {
    if (value % unit.size == Duration::zero()) {
      return std::to_string(value / unit.size) + unit.name;
    }
  }
  return std::to_string(value.count()) + "ns";
}

std::string setting_text(const std::optional<SocketAddress>& value) {
  return value ? value->to_string() : "none";
}

Result<std::uint64_t> parse_number(const std::string& text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && number >= min && number <= max) return number;
  return refuse(text, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

Result<IpAddress> parse_address(const std::string& text, IpFamily family) {
  const auto address = IpAddress::parse(text);
  if (address && address->family() == family) return *address;
  return refuse(text, family == IpFamily::v4 ? "an IPv4 address" : "an IPv6 address");
}

}  // namespace oneping
