#include "app/tool_flags.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "app/device_state.h"
#include "io/resolve.h"

namespace oneping {

namespace {

constexpr double kMaxSeconds = 1e8;  // three years

}  // namespace

void add_tool_flags(CLI::App& command, ToolFlags& flags) {
  command.add_option("DEST", flags.host, "a host's name or address")->required();
  auto* v4 = command.add_flag("-4", flags.only_v4, "IPv4 only");
  auto* v6 = command.add_flag("-6", flags.only_v6, "IPv6 only");
  v4->excludes(v6);
  command.add_flag_callback(
      "-n,--numeric,--no-dns", [&flags] { flags.naming = probe::Naming::numeric; },
      "addresses only, no names");
  add_state_flag(command, flags.state);
}

void add_state_flag(CLI::App& command, std::string& folder) {
  command
      .add_option("--state", folder,
                  "where the device's identity is; root's is /var/lib/oneping/device, another "
                  "user's ~/.local/state/oneping/device")
      ->type_name("FOLDER")
      ->envname("ONEPING_STATE");  // as `device up` and every option of long-running roles has it
}

Result<std::string> state_folder(const std::string& folder) {
  if (!folder.empty()) return folder;
  return DeviceState::default_folder();
}

Result<std::vector<IpAddress>> addresses_of(const ToolFlags& flags) {
  auto addresses = resolve_host(flags.host);
  if (!addresses) return fail(flags.host, addresses.error());
  std::erase_if(*addresses, [&](const IpAddress& each) {
    return each.is_v4() ? flags.only_v6 : flags.only_v4;
  });
  if (addresses->empty()) {
    return fail(flags.host + ": it has no " + (flags.only_v4 ? "IPv4" : "IPv6") + " address");
  }
  return addresses;
}

void add_value(CLI::App& command, const std::string& names, const char* placeholder,
               const std::string& help, ReadValue read) {
  const std::string shown = names.substr(0, names.find(','));
  command
      .add_option_function<std::string>(
          names,
          [read = std::move(read), shown](const std::string& text) {
            if (const auto done = read(text); !done) {
              throw CLI::ValidationError(shown, done.error().message);
            }
          },
          help)
      ->type_name(placeholder);
}

Result<std::uint64_t> read_number(const std::string& text, std::uint64_t min, std::uint64_t max) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const char* const begin = text.data() + (is_hex ? 2 : 0);
  const char* const end = text.data() + text.size();
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, is_hex ? 16 : 10);
  if (error != std::errc{} || stop != end || value < min || value > max) {
    return fail("'" + text + "' is no number from " + std::to_string(min) + " to " +
                std::to_string(max));
  }
  return value;
}

Result<double> read_factor(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value) || std::signbit(value)) {
    return fail("'" + text + "' is no number like 0.5 or 3");
  }
  return value;
}

Result<Duration> read_seconds(const std::string& text) {
  const auto value = read_factor(text);
  if (!value || *value > kMaxSeconds) return fail("'" + text + "' is no time in seconds, like 0.2");
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*value));
}

}  // namespace oneping
