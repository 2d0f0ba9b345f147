// Requests in a table, and what is to be answered.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "control/testing/checked_api.h"

namespace oneping::control::testing {

struct ApiCase {
  const char* name;
  const char* method;
  const char* path;
  const char* body;  // null: none
  int status;
  const char* expected = "";  // is in the answer
  const char* field = "";     // is at fault
  std::multimap<std::string, std::string> query = {};
};

// Asks each in a furnished world of its own; every answer must be as the document says, too.
void run(const std::vector<ApiCase>& cases);

}  // namespace oneping::control::testing
