#include "app/setting_value.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

TEST(SettingValue, Durations) {
  struct Case {
    const char* text;
    std::optional<Duration> value;
  };
  using namespace std::chrono_literals;
  const Case cases[] = {{"30s", 30s},
                        {"500ms", 500ms},
                        {"2m", 2min},
                        {"1h", 1h},
                        {"0s", 0s},
                        {"8760h", 8760h},
                        {"8761h", {}},
                        {"-1s", {}},
                        {"", {}},
                        {"s", {}},
                        {"5", {}},
                        {"5 s", {}},
                        {"1.5s", {}},
                        {"5sec", {}},
                        {"99999999999999999999s", {}},
                        {"9223372036854775807h", {}}};
  for (const auto& c : cases) {
    Duration value = Duration(-1);
    const bool parsed = parse_setting(c.text, value).has_value();
    EXPECT_EQ(parsed, c.value.has_value()) << c.text;
    EXPECT_EQ(value, c.value.value_or(Duration(-1))) << c.text << ": a refusal changes nothing";
    if (parsed && value != Duration::zero()) {
      Duration again{};
      EXPECT_TRUE(parse_setting(setting_text(value), again));
      EXPECT_EQ(again, value) << setting_text(value);
    }
  }
}

TEST(SettingValue, AdminAddressMayBeNone) {
  std::optional<SocketAddress> value = SocketAddress::parse("127.0.0.1:1");
  EXPECT_TRUE(parse_setting("[::1]:9790", value));
  EXPECT_EQ(setting_text(value), "[::1]:9790");
  EXPECT_FALSE(parse_setting("nowhere", value));
  EXPECT_EQ(setting_text(value), "[::1]:9790");
  EXPECT_TRUE(parse_setting("none", value));
  EXPECT_EQ(setting_text(value), "none");
}

TEST(SettingValue, InterfaceAddressKeepsItsHostBits) {
  InterfaceAddress value;
  EXPECT_TRUE(parse_setting("10.1.2.3/24", value));
  EXPECT_EQ(setting_text(value), "10.1.2.3/24");
  EXPECT_TRUE(parse_setting("fd00::1", value));
  EXPECT_EQ(setting_text(value), "fd00::1/128");
  EXPECT_FALSE(parse_setting("10.1.2.3/33", value));
  EXPECT_FALSE(parse_setting("10.1.2.3/", value));
  EXPECT_FALSE(parse_setting("/24", value));
}

TEST(SettingValue, Numbers) {
  EXPECT_EQ(parse_number("16", 1, 16), 16u);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "0x1", "1e1", "18446744073709551616"}) {
    EXPECT_FALSE(parse_number(text, 0, 1000)) << text;
  }
}

}  // namespace
}  // namespace oneping
