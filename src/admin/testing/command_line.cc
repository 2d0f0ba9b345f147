#include "admin/testing/command_line.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "admin/testing/fake_edge.h"
#include "admin/testing/program.h"

namespace oneping::admin {

std::vector<std::string> words_of_line(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool is_quoted = false;
  bool is_word = false;
  for (const char c : line + " ") {
    if (c == '\'') {
      is_quoted = !is_quoted;
      is_word = true;
    } else if (c != ' ' || is_quoted) {
      word += c;
      is_word = true;
    } else if (is_word) {
      words.push_back(std::exchange(word, {}));
      is_word = false;
    }
  }
  return words;
}

Outcome run_words(const std::vector<std::string>& words) {
  ::setenv("TZ", "UTC0", 1);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = run_program(words);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

void expect(const CommandCase& c) {
  SCOPED_TRACE("oneping " + c.line);
  FakeEdge edge;
  for (const auto& [request, body] : c.answers)
    edge.answer(request, {body.empty() ? 204 : 200, body});
  auto words = words_of_line(c.line);
  words.push_back("--api=" + edge.socket());
  const Outcome outcome = run_words(words);
  EXPECT_EQ(edge.take_requests(), c.requests);
  EXPECT_EQ(outcome.out, c.out);
  EXPECT_EQ(outcome.err, c.err);
  EXPECT_EQ(outcome.code, c.code);
}

}  // namespace oneping::admin
