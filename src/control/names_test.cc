#include "control/names.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

struct Case {
  std::string text;
  bool is_name;
  bool is_user_name;
  bool is_tag;
};

const Case kCases[] = {
    {"office", true, true, true},
    {"a", true, true, true},
    {"A.b-c_9", true, true, true},
    {"_x", true, true, true},
    {"9lives", true, true, true},
    {"alice@example.org", false, true, false},
    {"default", true, true, true},
    {std::string(64, 'n'), true, true, true},
    {std::string(65, 'n'), false, false, false},
    {"", false, false, false},
    {".hidden", false, false, false},
    {"-flag", false, false, false},
    {"two words", false, false, false},
    {"a/b", false, false, false},
    {"umläut", false, false, false},
    {std::string("nul\0", 4), false, false, false},
    {"line\n", false, false, false},
    {"12345", false, false, true},
    {"00000000-0000-4000-8000-000000000000", false, false, true},
};

TEST(Names, AreWordsThatAreNeitherIdsNorUuids) {
  for (const Case& c : kCases) {
    EXPECT_EQ(!fault_in_name(c.text).has_value(), c.is_name) << c.text;
    EXPECT_EQ(!fault_in_user_name(c.text).has_value(), c.is_user_name) << c.text;
    EXPECT_EQ(!fault_in_tag(c.text).has_value(), c.is_tag) << c.text;
  }
}

TEST(Names, OfPoliciesAreNotWordsOfTheApi) {
  for (const char* word : {"default", "check", "test"}) {
    EXPECT_TRUE(fault_in_policy_name(word)) << word;
  }
  EXPECT_FALSE(fault_in_policy_name("tests"));
}

TEST(Names, SayWhatIsWrong) {
  EXPECT_EQ(fault_in_name(""), "is empty");
  EXPECT_EQ(fault_in_name("-x"), "begins with '.' or '-'");
  EXPECT_EQ(fault_in_name("7"), "has only digits, like an id");
}

TEST(Comments, AreShortAndHaveNoControlCharacters) {
  EXPECT_FALSE(fault_in_comment(""));
  EXPECT_FALSE(fault_in_comment("Büro, 3. Stock – \xf0\x9f\x8f\xa2\xc2\xa0"));
  EXPECT_FALSE(fault_in_comment(std::string(256, 'c')));
  EXPECT_TRUE(fault_in_comment(std::string(257, 'c')));
  EXPECT_TRUE(fault_in_comment("two\nlines"));
  EXPECT_TRUE(fault_in_comment("\x1b[31mred"));
  EXPECT_TRUE(fault_in_comment("\x7f"));
  EXPECT_TRUE(fault_in_comment("C1: \xc2\x9b"));
}

}  // namespace
}  // namespace oneping::control
