#include "tunnel/connector_settings.h"

#include <gtest/gtest.h>

namespace oneping::tunnel {
namespace {

TEST(ConnectorSettings, AreReadAsTheyWereWritten) {
  for (const PathMode path : {PathMode::full, PathMode::single_hop}) {
    for (const bool large : {false, true}) {
      const ConnectorSettings settings{.path = path, .large_packets = large};
      const auto read = read_configuration(to_configuration(settings));
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(*read, settings);
    }
  }
}

TEST(ConnectorSettings, HaveWhatCloudflaredNeeds) {
  EXPECT_EQ(to_configuration({.path = PathMode::single_hop}),
            R"({"ingress":[{"service":"http_status:404"}],"oneping":)"
            R"({"large-packets":false,"path":"single-hop"},"warp-routing":{"enabled":true}})");
}

TEST(ConnectorSettings, WhatIsNotSaidIsAsByDefault) {
  for (const char* json : {"{}", R"({"ingress":[]})", R"({"oneping":{}})",
                           R"({"oneping":{"later":1},"warp-routing":{"enabled":true}})"}) {
    const auto read = read_configuration(json);
    ASSERT_TRUE(read) << json;
    EXPECT_EQ(*read, ConnectorSettings{}) << json;
  }
}

TEST(ConnectorSettings, NonsenseIsRefused) {
  for (const char* json :
       {"", "[]", "null", "{", R"({"oneping":1})", R"({"oneping":{"path":1}})",
        R"({"oneping":{"path":"half"}})", R"({"oneping":{"large-packets":"yes"}})",
        R"({"oneping":{"path":null}})"}) {
    EXPECT_FALSE(read_configuration(json)) << json;
  }
}

}  // namespace
}  // namespace oneping::tunnel
