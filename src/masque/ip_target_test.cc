#include "masque/ip_target.h"

#include <gtest/gtest.h>

namespace oneping::masque {
namespace {

TEST(IpPath, Whole) {
  for (const char* path : {"/.well-known/masque/ip/*/*/", "/.well-known/masque/ip/%2A/%2a/"}) {
    SCOPED_TRACE(path);
    const auto parsed = parse_ip_path(path);
    ASSERT_TRUE(std::holds_alternative<IpTarget>(parsed));
    EXPECT_TRUE(std::get<IpTarget>(parsed).is_whole());
  }
  EXPECT_EQ(kWholeIpPath, "/.well-known/masque/ip/*/*/");
}

TEST(IpPath, Scoped) {
  struct Case {
    const char* path;
    std::variant<IpTarget::Any, Prefix, std::string> target;
    std::optional<std::uint8_t> protocol;
  };
  const Case cases[] = {
      {"/.well-known/masque/ip/192.0.2.42/17/", *Prefix::parse("192.0.2.42"), 17},
      {"/.well-known/masque/ip/192.0.2.0%2F24/*/", *Prefix::parse("192.0.2.0/24"), std::nullopt},
      {"/.well-known/masque/ip/2001%3Adb8%3A%3A42/58/", *Prefix::parse("2001:db8::42"), 58},
      {"/.well-known/masque/ip/target.example.com/0/", std::string("target.example.com"), 0},
      {"/.well-known/masque/ip/*/255/", IpTarget::Any{}, 255},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.path);
    const auto parsed = parse_ip_path(each.path);
    ASSERT_TRUE(std::holds_alternative<IpTarget>(parsed));
    EXPECT_EQ(std::get<IpTarget>(parsed).target, each.target);
    EXPECT_EQ(std::get<IpTarget>(parsed).protocol, each.protocol);
    EXPECT_FALSE(std::get<IpTarget>(parsed).is_whole());
  }
}

TEST(IpPath, Wrong) {
  const auto malformed = {
      "/.well-known/masque/ip/",
      "/.well-known/masque/ip/*",
      "/.well-known/masque/ip/*/",
      "/.well-known/masque/ip/*/*",
      "/.well-known/masque/ip/*/*/x",
      "/.well-known/masque/ip/*/256/",
      "/.well-known/masque/ip/*/1x/",
      "/.well-known/masque/ip/*//",
      "/.well-known/masque/ip//*/",
      "/.well-known/masque/ip/**/*/",
      "/.well-known/masque/ip/*/0017/",
      "/.well-known/masque/ip/*/-1/",
      "/.well-known/masque/ip/%/*/",
      "/.well-known/masque/ip/%2/*/",
      "/.well-known/masque/ip/%zz/*/",
      "/.well-known/masque/ip/10.0.0.1%2F8/*/",
      "/.well-known/masque/ip/10.0.0.0%2F33/*/",
      "/.well-known/masque/ip/1.2.3/*/",
      "/.well-known/masque/ip/%00/*/",
      "/.well-known/masque/ip/fe80%3A%3A1%25eth0/*/",
      "/.well-known/masque/ip/*/*/?x=1",
  };
  for (const char* path : malformed) {
    SCOPED_TRACE(path);
    const auto parsed = parse_ip_path(path);
    ASSERT_TRUE(std::holds_alternative<IpPathError>(parsed));
    EXPECT_EQ(std::get<IpPathError>(parsed), IpPathError::malformed);
  }
  for (const char* path :
       {"", "/", "*", "/.well-known/masque/udp/*/*/", "/.well-known/masque/ip"}) {
    SCOPED_TRACE(path);
    const auto parsed = parse_ip_path(path);
    ASSERT_TRUE(std::holds_alternative<IpPathError>(parsed));
    EXPECT_EQ(std::get<IpPathError>(parsed), IpPathError::other_path);
  }
}

}  // namespace
}  // namespace oneping::masque
