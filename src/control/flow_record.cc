#include "app/flow_log_line.h"

#include <nlohmann/json.hpp>

namespace oneping {

std::string flow_log_line(const edge::FlowVerdict& verdict, control::Timestamp time) {
  nlohmann::ordered_json line = {{"time", control::to_string(time)}};
  // A device that is gone, or that was never known, has no identity.
  line["device"] = verdict.who ? nlohmann::ordered_json(verdict.who->device) : nullptr;
  const bool has_user = verdict.who && !verdict.who->user.empty();
  line["user"] = has_user ? nlohmann::ordered_json(verdict.who->user) : nullptr;
  line["from"] = verdict.from.to_string();
  line["to"] = verdict.to.to_string();
  line["protocol"] = to_string(verdict.protocol);
  if (verdict.protocol == Protocol::udp) line["port"] = verdict.port;
  line["verdict"] = to_string(verdict.verdict);
  line["rule"] = verdict.policies->name_of(verdict.rule);
  line["tunnel"] = verdict.tunnel ? nlohmann::ordered_json(verdict.tunnel->name) : nullptr;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace oneping
