#include "admin/policy_columns.h"

namespace oneping::admin {

namespace {

// A condition that holds for all if nothing is said.
Column condition(std::string heading, std::string field, std::string all) {
  return {std::move(heading),
          [field = std::move(field), all = std::move(all)](const Json& policy) -> Cell {
            const Json& value = field_of(policy, field);
            return value.empty() ? all : words_of(value);
          }};
}

// "udp 53, 1000-2000".
Column what() {
  return {"What", [](const Json& policy) -> Cell {
            const Json& protocol = field_of(policy, "protocol");
            const Json& ports = field_of(policy, "ports");
            if (protocol.is_null() && ports.empty()) return Cell("all");
            const std::string name = protocol.is_null() ? "udp" : words_of(protocol);
            return ports.empty() ? name : name + " " + words_of(ports);
          }};
}

}  // namespace

const Columns& policy_columns() {
  static const Columns kColumns = {
      as_number("#", "position"),
      in_words("Name", "name"),
      as_status("Verdict", "verdict"),
      condition("Who", "who", "everybody"),
      condition("To", "to", "everywhere"),
      condition("Vnet", "vnet", "all"),
      what(),
      as_status("State", "state"),
      as_time("From", "from"),
      as_time("Until", "until"),
      in_words("Comment", "comment"),
  };
  return kColumns;
}

}  // namespace oneping::admin
