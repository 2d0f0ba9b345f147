// What the user tells his device.
#pragma once

#include <optional>
#include <string>

#include "app/log_options.h"
#include "app/option_sources.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/ip_address.h"

namespace oneping {

struct DeviceOptions {
  std::string state;  // folder; never empty once loaded
  std::string interface = "oneping";
  std::optional<SocketAddress> admin;
  std::string admin_origin = "the default";  // where `admin` was said, for errors
  // In the background: how long to wait for the first session.
  Duration wait = std::chrono::seconds(15);
  LogOptions log;
};

[[nodiscard]] Result<DeviceOptions> load_device_options(const OptionSources& sources);

// Settings as flags need them, with their defaults.
[[nodiscard]] std::vector<Setting> device_settings();

}  // namespace oneping
