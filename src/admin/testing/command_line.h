// Runs a command line within a test, and hears what it would print and ask.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace oneping::admin {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

// "tunnel list": without the program's name, taken apart at blanks, except within single quotes.
[[nodiscard]] std::vector<std::string> words_of_line(const std::string& line);
[[nodiscard]] Outcome run_words(const std::vector<std::string>& words);

// A command line, what the API answers, and what must come of it.
struct CommandCase {
  std::string line;
  // A request (see FakeEdge) and the body of its answer; without a body it is 204.
  std::vector<std::pair<std::string, std::string>> answers;
  // With their bodies, in this order.
  std::vector<std::string> requests;
  std::string out;
  std::string err;
  int code = 0;
};
void expect(const CommandCase& c);

}  // namespace oneping::admin
