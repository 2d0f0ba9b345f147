// What may stand at the end of a command line, for a shell that asks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/api_client.h"

namespace CLI {
class App;
}

namespace oneping::admin {

struct Candidate {
  std::string text;
  std::string description;  // one line, or none
};

struct Completion {
  std::vector<Candidate> candidates;
  bool is_file = false;  // the shell knows better
};

// The names of what is there: `placeholder` says of which kind, as "TUNNEL". Quick, and none if it
// cannot tell.
using NamesOf = std::function<std::vector<std::string>(const std::string& placeholder,
                                                       const ApiOptions& options)>;

// `words` stand behind the program's name; the last, which may be empty, is to be completed.
[[nodiscard]] Completion complete(const CLI::App& root, const std::vector<std::string>& words,
                                  const NamesOf& names_of);

}  // namespace oneping::admin
