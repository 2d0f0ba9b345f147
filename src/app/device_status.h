// How a device that is up is, as `oneping device status` shows it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/device_state.h"
#include "device/device.h"

namespace oneping {

struct DeviceReport {
  Time now;
  device::WallTime today;
  const StoredDevice& stored;
  std::string interface;
  std::string interface_problems;  // a line each
  device::SessionStatus session;
  const device::InterfacePlan& plan;
  std::size_t routes_left_out = 0;
  quic::Validity certificate;
  const device::PacketPath& path;
};

[[nodiscard]] nlohmann::ordered_json to_json(const DeviceReport& report);
// "addresses 100.96.0.7, fd00::7, 2 routes".
[[nodiscard]] std::string summary(const DeviceReport& report);
// For people, from the JSON; or the JSON.
void print_status(const nlohmann::ordered_json& status, bool as_json);

}  // namespace oneping
