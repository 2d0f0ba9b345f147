#include "control/cookie.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

TEST(Cookie, IsFoundByItsWholeName) {
  struct Case {
    const char* header;
    std::optional<std::string_view> value;
  };
  for (const Case& c : {
           Case{"s=1", "1"}, Case{"a=0; s=1; b=2", "1"}, Case{"a=0;s=1", "1"},
           Case{"  s=1  ;b=2", "1"}, Case{"s=1; s=2", "1"}, Case{"s=", ""}, Case{"s=a=b", "a=b"},
           Case{"", std::nullopt}, Case{"s", std::nullopt}, Case{"xs=1", std::nullopt},
           Case{"sx=1", std::nullopt}, Case{"S=1", std::nullopt}, Case{"=1", std::nullopt},
           Case{";;;", std::nullopt},
           Case{"a=\"x; s=1\"", "1\""},  // RFC 6265: a semicolon ends a cookie wherever it is
       }) {
    EXPECT_EQ(find_cookie(c.header, "s"), c.value) << c.header;
  }
}

TEST(Cookie, IsSetOutOfReach) {
  EXPECT_EQ(cookie_to_set("s", "1", std::chrono::hours(1), false),
            "s=1; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict");
  EXPECT_EQ(cookie_to_set("s", "", std::chrono::seconds(0), true),
            "s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

}  // namespace
}  // namespace oneping::control
