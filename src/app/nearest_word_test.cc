#include "app/nearest_word.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

TEST(NearestWord, ForgivesAThirdOfTheLetters) {
  const std::vector<std::string> known = {"listen", "state", "name", "unreachables"};
  const struct {
    const char* word;
    std::optional<std::string> expected;
  } cases[] = {
      {"listn", "listen"},
      {"lsiten", "listen"},
      {"unreachable", "unreachables"},
      {"nmae", "name"},
      {"nam", "name"},
      {"stat", "state"},
      {"something", std::nullopt},
      {"", std::nullopt},
      {"listen", "listen"},
  };
  for (const auto& c : cases) EXPECT_EQ(nearest_word(c.word, known), c.expected) << c.word;
  EXPECT_EQ(nearest_word(std::string(100000, 'x'), known), std::nullopt);
  EXPECT_EQ(nearest_word("name", {}), std::nullopt);
}

}  // namespace
}  // namespace oneping
