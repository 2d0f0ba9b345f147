#include "app/log_line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace oneping {
namespace {

const auto kTime = std::chrono::system_clock::time_point(std::chrono::milliseconds(1700000000042));

TEST(LogLine, Text) {
  EXPECT_EQ(log_line(LogFormat::text, kTime, "info", "edge runs"),
            "2023-11-14T22:13:20.042Z info edge runs\n");
}

TEST(LogLine, TextOfAPeerCannotForgeALineOrTalkToTheTerminal) {
  EXPECT_EQ(log_line(LogFormat::text, kTime, "warn", "a\nb\r\x1b[2J\x7f\t"),
            "2023-11-14T22:13:20.042Z warn a\\x0ab\\x0d\\x1b[2J\\x7f\\x09\n");
}

TEST(LogLine, JsonIsOneObjectWhateverTheMessage) {
  for (const std::string& message :
       {std::string("plain"), std::string("\"quoted\" \\ {\n}"), std::string("\x01\x00", 2)}) {
    const std::string line = log_line(LogFormat::json, kTime, "info", message);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["message"], message);
    EXPECT_EQ(json["level"], "info");
    EXPECT_EQ(json["time"], "2023-11-14T22:13:20.042Z");
  }
  const auto not_utf8 = nlohmann::json::parse(log_line(LogFormat::json, kTime, "info", "a\xff"));
  EXPECT_EQ(not_utf8["message"], "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace oneping
