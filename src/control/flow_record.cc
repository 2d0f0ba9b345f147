#include "control/flow_record.h"

#include <nlohmann/json.hpp>

namespace oneping::control {

namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson or_null(const std::optional<std::string>& text) {
  return text ? OrderedJson(*text) : OrderedJson(nullptr);
}

}  // namespace

FlowRecord record_of(const edge::FlowVerdict& verdict, Timestamp time) {
  FlowRecord record;
  record.time = time;
  if (verdict.who) record.device = verdict.who->device;
  if (verdict.who && !verdict.who->user.empty()) record.user = verdict.who->user;
  record.is_check = verdict.on_behalf;
  record.from = verdict.from;
  record.to = verdict.to;
  record.protocol = verdict.protocol;
  record.port = verdict.port;
  record.verdict = verdict.verdict;
  record.rule = verdict.policies->name_of(verdict.rule);
  if (verdict.tunnel) record.tunnel = verdict.tunnel->name;
  return record;
}

std::string to_text(const FlowRecord& record) {
  OrderedJson json = {{"time", timestamp_text(record.time)}};
  json["device"] = or_null(record.device);
  json["user"] = or_null(record.user);
  if (record.is_check) json["check"] = true;
  json["from"] = record.from.to_string();
  json["to"] = record.to.to_string();
  json["protocol"] = to_string(record.protocol);
  if (record.protocol == Protocol::udp) json["port"] = record.port;
  json["verdict"] = to_string(record.verdict);
  json["rule"] = record.rule;
  json["tunnel"] = or_null(record.tunnel);
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace oneping::control
