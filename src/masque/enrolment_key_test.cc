#include "masque/enrolment_key.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace oneping::masque {
namespace {

// Version 1, the secret 0, 1, … 31 and the pin 255, 254, … 224.
const std::string kGood =
    "opk_AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA";

TEST(EnrolmentKey, HasASecretAndThePinOfTheEdge) {
  for (const std::string& text : {kGood, kGood + "\n", "  " + kGood + " \r\n"}) {
    const auto key = parse_enrolment_key(text);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->text, kGood);
    for (std::uint8_t i = 0; i < 32; ++i) {
      EXPECT_EQ(key->secret[i], i);
      EXPECT_EQ(key->authority_pin[i], 255 - i);
    }
    EXPECT_EQ(make_enrolment_key(key->secret, key->authority_pin).text, kGood);
  }
}

TEST(EnrolmentKey, WhatIsWrongIsSaidWithoutTheKey) {
  struct Case {
    const char* name;
    std::string text;
    std::string said;
  };
  const Case cases[] = {
      {"nothing", "", "it is empty"},
      {"space", " \n", "it is empty"},
      {"an API token", "opa_" + kGood.substr(4), "a token for the edge's API"},
      {"a tunnel token", "eyJhIjoiMSJ9", "a tunnel's token"},
      {"something else", "hunter2hunter2", "does not begin with opk_"},
      {"the prefix alone", "opk_", "damaged"},
      {"cut within a group of four", kGood.substr(0, kGood.size() - 2), "damaged"},
      {"cut between them", kGood.substr(0, kGood.size() - 7), "cut short"},
      {"longer", kGood + "AAAA", "too long"},
      {"the standard alphabet",
       [] {
         std::string text = kGood;
         std::ranges::replace(text, '_', '/');
         return "opk_" + text.substr(4);
       }(),
       "damaged"},
      {"another version", "opk_Ag" + kGood.substr(6), "its version 2 is not known"},
      {"two keys", kGood + "\n" + kGood, "damaged"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const auto key = parse_enrolment_key(each.text);
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().message.find(each.said), std::string::npos) << key.error().message;
    EXPECT_EQ(key.error().message.find("AQABAgME"), std::string::npos);
    EXPECT_EQ(key.error().message.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace oneping::masque
