// Policies tried without a packet: one question (check), or a file of expectations (test).
#pragma once

#include "admin/api_command.h"

namespace oneping::admin {

// Exit code 0: allowed, or all as expected; 1: denied, or not as expected; 2: could not be tried.
void add_policy_trials(const Noun& policy);

}  // namespace oneping::admin
