#include "tunnel/connector_settings.h"

#include <nlohmann/json.hpp>

namespace oneping::tunnel {

namespace {

using nlohmann::json;

constexpr const char* kOurs = "oneping";
constexpr const char* kPath = "path";
constexpr const char* kLargePackets = "large-packets";

Result<void> read_path(const json& value, PathMode& path) {
  for (const PathMode mode : {PathMode::full, PathMode::single_hop}) {
    if (value != to_string(mode)) continue;
    path = mode;
    return {};
  }
  return fail("oneping.path is neither \"full\" nor \"single-hop\"");
}

}  // namespace

std::string to_configuration(const ConnectorSettings& settings) {
  const json configuration{
      {"ingress", json::array({{{"service", "http_status:404"}}})},
      {"warp-routing", {{"enabled", true}}},
      {kOurs, {{kPath, to_string(settings.path)}, {kLargePackets, settings.large_packets}}}};
  return configuration.dump();
}

Result<ConnectorSettings> read_configuration(std::string_view text) {
  const json configuration = json::parse(text, nullptr, false);
  if (!configuration.is_object()) return fail("the configuration is not a JSON object");
  ConnectorSettings settings;
  const auto ours = configuration.find(kOurs);
  if (ours == configuration.end()) return settings;
  if (!ours->is_object()) return fail("oneping is not a JSON object");
  if (const auto path = ours->find(kPath); path != ours->end()) {
    if (auto read = read_path(*path, settings.path); !read) {
      return tl::make_unexpected(read.error());
    }
  }
  if (const auto large = ours->find(kLargePackets); large != ours->end()) {
    if (!large->is_boolean()) return fail("oneping.large-packets is neither true nor false");
    settings.large_packets = *large;
  }
  return settings;
}

}  // namespace oneping::tunnel
