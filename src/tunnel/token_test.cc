#include "tunnel/token.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace oneping::tunnel {
namespace {

constexpr const char* kId = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

nlohmann::json good() {
  return {{"a", "acc"}, {"t", kId}, {"s", to_base64(std::vector<std::uint8_t>(32, 0x5e))}};
}
std::string encode(const std::string& json) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
}
nlohmann::json with(const char* key, nlohmann::json value) {
  auto object = good();
  object[key] = std::move(value);
  return object;
}

TEST(Token, WhatIsMadeIsParsed) {
  TunnelToken token;
  token.account = "acc \"quoted\"";
  token.tunnel_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  token.secret.assign(32, 0xa5);
  for (const bool pinned : {false, true}) {
    if (pinned) token.edge_pin = quic::KeyPin{9, 8, 7};
    const auto parsed = parse_token(make_token(token));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->account, token.account);
    EXPECT_EQ(parsed->tunnel_id, token.tunnel_id);
    EXPECT_EQ(parsed->secret, token.secret);
    EXPECT_EQ(parsed->edge_pin, token.edge_pin);
  }
}

TEST(Token, AsCloudflaredWritesItWithSpaceAroundAndWithoutPadding) {
  std::string text = encode(R"({"a":"0123456789abcdef","s":")" + good()["s"].get<std::string>() +
                            R"(","t":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","e":"ignored"})");
  text.erase(text.find_last_not_of('=') + 1);
  const auto token = parse_token(" \n" + text + "\r\n");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->account, "0123456789abcdef");
  EXPECT_EQ(to_string(token->tunnel_id), kId);
  EXPECT_EQ(token->secret, std::vector<std::uint8_t>(32, 0x5e));
  EXPECT_FALSE(token->edge_pin);
}

TEST(Token, ErrorsSayWhatIsWrongAndQuoteNothing) {
  const std::string whole = encode(good().dump());
  const struct {
    std::string text;
    const char* why;
  } cases[] = {
      {"", "it is empty"},
      {" \n", "it is empty"},
      {std::string(9000, 'A'), "it is too long"},
      {"eyJ*", "it is not base64, or cut short"},
      {whole.substr(0, whole.size() / 2 / 4 * 4), "there is no JSON object in it"},
      {encode("[1]"), "there is no JSON object in it"},
      {encode(std::string(2000, '[')), "there is no JSON object in it"},
      {encode("{}"), "it has no account, \"a\""},
      {encode(with("a", 7).dump()), "it has no account, \"a\""},
      {encode(with("a", std::string(300, 'a')).dump()), "it has no account, \"a\""},
      {encode(with("t", "not-a-uuid").dump()), "it has no tunnel id, \"t\""},
      {encode(with("t", nullptr).dump()), "it has no tunnel id, \"t\""},
      {encode(with("s", "c2hvcnQ=").dump()), "it has no secret of 32 to 64 bytes"},
      {encode(with("s", "***").dump()), "it has no secret of 32 to 64 bytes"},
      {encode(with("p", "c2hvcnQ=").dump()), "its pin, \"p\", is no SHA-256"},
      {encode(with("p", 1).dump()), "its pin, \"p\", is no SHA-256"},
  };
  for (const auto& c : cases) {
    const auto token = parse_token(c.text);
    ASSERT_FALSE(token) << c.why;
    const std::string& message = token.error().message;
    EXPECT_EQ(message.find("not a tunnel token (" + std::string(c.why)), 0u) << message;
    EXPECT_NE(message.find("oneping tunnel token"), std::string::npos);
    EXPECT_LT(message.size(), 160u) << "nothing of the token";
  }
}

}  // namespace
}  // namespace oneping::tunnel
