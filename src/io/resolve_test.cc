#include "io/resolve.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

TEST(HostPort, Parse) {
  struct Case {
    const char* text;
    const char* host;  // null: refused
    int port;
  };
  const Case cases[] = {
      {"edge.example:7844", "edge.example", 7844},
      {"192.0.2.1:1", "192.0.2.1", 1},
      {"[2001:db8::1]:65535", "2001:db8::1", 65535},
      {"2001:db8::1:7844", nullptr, 0},  // where would the port begin?
      {"[192.0.2.1]:7844", nullptr, 0},
      {"edge.example", nullptr, 0},
      {"edge.example:", nullptr, 0},
      {"edge.example:0", nullptr, 0},
      {"edge.example:65536", nullptr, 0},
      {"edge.example:78x", nullptr, 0},
      {":7844", nullptr, 0},
      {"https://edge.example:7844", nullptr, 0},
      {"", nullptr, 0},
  };
  for (const auto& c : cases) {
    const auto parsed = HostPort::parse(c.text);
    ASSERT_EQ(parsed.has_value(), c.host != nullptr) << c.text;
    if (!parsed) continue;
    EXPECT_EQ(parsed->host, c.host) << c.text;
    EXPECT_EQ(parsed->port, c.port) << c.text;
    EXPECT_EQ(parsed->to_string(), c.text);
  }
}

class ResolverTest : public ::testing::Test {
 protected:
  Resolver::Answer resolve(const HostPort& name) {
    Resolver::Answer result = fail("never called");
    bool in_call = true;
    resolver.resolve(name, [&](const Resolver::Answer& answer) {
      EXPECT_FALSE(in_call);
      result = answer;
      loop.stop();
    });
    in_call = false;
    loop.run({.on_deadline = [](Time) {}, .on_turn_end = [](Time) {}});
    return result;
  }
  EventLoop loop;
  Resolver resolver{loop};
};

TEST_F(ResolverTest, AddressesNeedNoLookup) {
  EXPECT_EQ(*resolve({"192.0.2.7", 7844}), std::vector{*SocketAddress::parse("192.0.2.7:7844")});
  EXPECT_EQ(*resolve({"2001:db8::7", 1}), std::vector{*SocketAddress::parse("[2001:db8::7]:1")});
}

TEST_F(ResolverTest, LocalhostIsLoopback) {
  const auto answer = resolve({"localhost", 7844});
  ASSERT_TRUE(answer) << answer.error().message;
  for (const auto& address : *answer) {
    EXPECT_TRUE(address.address.is_loopback());
    EXPECT_EQ(address.port, 7844);
  }
}

TEST_F(ResolverTest, FailureNamesTheHost) {
  const auto answer = resolve({"bad..name", 7844});  // an empty label is never sent anywhere
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message.find("looking up bad..name: "), 0u) << answer.error().message;
}

TEST(Resolver, DestroyedBeforeTheAnswerIsNeverHeard) {
  EventLoop loop;
  {
    Resolver resolver(loop);
    resolver.resolve({"192.0.2.7", 7844}, [](const Resolver::Answer&) { FAIL(); });
    resolver.resolve({"localhost", 7844}, [](const Resolver::Answer&) { FAIL(); });
  }
  loop.post([] {});
  loop.run({.on_deadline = [](Time) {}, .on_turn_end = [&](Time) { loop.stop(); }});
}

}  // namespace
}  // namespace oneping
